// Characters at the end of a text that may split in another way when more follows: blanks, because the patterns ask
// whether anything follows them (\s+(?!\S), \s+$), and those that DeepSeek's pattern takes only before a word.
#pragma once

#include <string_view>

namespace ctxpack::bpe {

// Whether a text is nothing but open characters.
bool is_open(std::string_view text);
// Where the open characters that the text ends in start. O(their bytes).
std::size_t trailing_open(std::string_view text);

}  // namespace ctxpack::bpe
