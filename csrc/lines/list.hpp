// The lines of a text, told apart by hashes that leave out any printed line number.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ctxpack::lines {

// A line with its newline, by characters of the text: [start, stop).
struct Line {
    std::uint32_t start, stop;
    std::uint32_t number;  // the printed one, or its place in the text from 1
    std::uint64_t hash;    // of its content, without the number and what ends the line
};

using List = std::vector<Line>;

// The number that a line goes by, and how many of its first bytes print it.
struct Gutter {
    std::uint32_t number, size;
};

// The number printed at the head of a line as file readers do ("   12→", "12\t", "12: ", "12|"); size 0 where there is
// none.
Gutter gutter_of(std::string_view line);

// Printed numbers are told apart where most lines carry rising ones. O(bytes). Throws std::invalid_argument from 4 GB
// on.
List list(std::string_view text);

// With numbers known: one per line. Throws std::invalid_argument where there are more or fewer, or one is longer than
// its line.
List list(std::string_view text, std::span<const Gutter> gutters);

}  // namespace ctxpack::lines
