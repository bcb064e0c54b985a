// The quick check for NFC that needs no normalizer.
#pragma once

#include <string_view>

namespace ctxpack::unicode {

// Whether each character of valid UTF-8 has NFC_Quick_Check=Yes and combining class 0, and is known to the table. Such
// text is in NFC, and stays so in later versions of Unicode, which promise that for assigned characters; other text may
// be in NFC, too. O(bytes).
bool is_plainly_nfc(std::string_view text);
// Where the first such character of valid UTF-8 starts, its size where there is none. O(bytes before it).
std::size_t first_plain(std::string_view text);
// Where the last such character of valid UTF-8 starts, 0 where there is none. What is before it is normalized alike
// whatever follows it, and what is from there on whatever is before it. O(bytes after it).
std::size_t last_plain(std::string_view text);

}  // namespace ctxpack::unicode
