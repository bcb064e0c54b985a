// Words of the lines of logs, and what stands between them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ctxpack::lines {

// Views of one line, in order.
using Words = std::span<const std::string_view>;

inline bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
inline bool has_digit(std::string_view word) { return std::any_of(word.begin(), word.end(), is_digit); }

// Appends the words of a line. O(bytes).
void split(std::string_view line, std::vector<std::string_view>& found);

// Hash of what stands between the words of a line. Not safe against lines made to be taken for others. O(bytes).
std::uint64_t frame_of(std::string_view line, Words words);

// Whether two lines have as many words and the same between them. O(bytes).
bool have_one_frame(std::string_view line, Words words, std::string_view other, Words others);

// Bytes, `most` at most, that times have in common up to one of their marks; 0 where a word is no time.
std::uint32_t common_time(std::string_view one, std::string_view other, std::uint32_t most);

}  // namespace ctxpack::lines
