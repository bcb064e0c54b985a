// Where sentences end.
#pragma once

#include <cstddef>
#include <string_view>

namespace ctxpack::text {

// The end of the sentence that `from` lies in, white space behind it included; the size of the text where no other
// follows. Newlines are white space here. Knows abbreviations, initials, closing quotes and brackets, and the full
// stops of Chinese, Japanese, Hindi, Arabic and Urdu. O(bytes up to the end). The text must be valid UTF-8.
std::size_t next_end(std::string_view text, std::size_t from);

}  // namespace ctxpack::text
