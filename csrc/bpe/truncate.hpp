// Texts cut so that they have a number of tokens at most.
#pragma once

#include <string_view>

#include "bpe/encoding.hpp"

namespace ctxpack::bpe {

// All cuts are at character boundaries, and what is kept has at most `tokens` tokens when it is counted by itself. They
// start from where that many tokens of the text end, and one more character would be too many. (A longer cut with no
// more tokens can exist: "abc" may be fewer tokens than "ab".) A text that has no more is kept whole. O(bytes kept);
// where no word ends beyond the cut, so that this could make the tokens fewer, up to what counting as many of the
// longest tokens costs; of a pattern that is not scanned here, that and several times what counting what is kept costs.

// How many bytes to keep of the start.
std::size_t fit_head(const Encoding& encoding, std::string_view text, std::size_t tokens);
// Where the part to keep of the end starts.
std::size_t fit_tail(const Encoding& encoding, std::string_view text, std::size_t tokens);

}  // namespace ctxpack::bpe
