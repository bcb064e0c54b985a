// The quick check for NFC (UAX 15, section 9) that needs no normalizer.
#pragma once

#include <cstddef>
#include <string_view>

namespace ctxpack::unicode {

// A character is plain that has NFC_Quick_Check=Yes and combining class 0, and is known to the table. What is before it
// is normalized alike whatever follows it, and what is from there on whatever is before it. All that is told of
// characters holds in later versions of Unicode, too, which promise that for assigned ones.

// Where the first plain character of valid UTF-8 starts, its size where there is none. O(bytes before it).
std::size_t first_plain(std::string_view text);
// Where the last one starts, 0 where there is none. O(bytes after it).
std::size_t last_plain(std::string_view text);

// Bytes of a text.
struct Part {
    std::size_t begin;
    std::size_t end;
};

// The first part of valid UTF-8, from a plain character or the text's start on, that may be not in NFC: from a plain
// character, or where it was looked from, to the next one. Empty, at the text's end, where all is in NFC. O(bytes up to
// its end).
Part next_doubtful(std::string_view text, std::size_t from);

}  // namespace ctxpack::unicode
