// Texts cut so that they have a number of tokens at most.
#pragma once

#include "sentencepiece/tokenizer.hpp"

namespace ctxpack::sentencepiece {

// All cuts are at character boundaries, and what is kept is the longest that has at most `tokens` tokens by itself.
// Only where the cut lies in a run of more than 512 bytes without a seam, or so near to the end that a unigram
// model's rounding decides, one character more is all that is sure to be too many. O(bytes kept, and those of the
// run; log n times as much in a long one).

// How many bytes to keep of the start.
std::size_t fit_head(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens);
// Where the part to keep of the end starts.
std::size_t fit_tail(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens);

}  // namespace ctxpack::sentencepiece
