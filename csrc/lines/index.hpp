// Lines of many texts, and where they repeat.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lines/list.hpp"
#include "lines/slots.hpp"

namespace ctxpack::lines {

// Lines [first, first + length) of a text that stand in text `place` of an index, from its line `at` on. The text
// itself counts as the one behind the last: there, lines [at, first) may come over and over.
struct Run {
    std::uint32_t first, length, place, at;
};

// The lines of texts, in order; hashes and numbers, no text. Not safe to share while texts are added.
class Index {
public:
    // Takes in the next text; where it throws, nothing of it. O(lines).
    void add(std::span<const Line> lines);

    // The longest runs of lines, from the top, that stand in the index or, outside of any run, further up in the text
    // itself, and go by numbers that rise by one here and there. A run has `least` lines and `few` characters at least,
    // or `much` characters; in the text itself it must also have `within` lines.
    // O(lines * (least + within)), without the latter where it is more lines than there are.
    std::vector<Run> runs(std::span<const Line> lines, std::uint32_t least, std::uint32_t few, std::uint32_t much,
                          std::uint32_t within) const;

    // The number that a line goes by. Throws std::out_of_range.
    std::uint32_t number(std::uint32_t place, std::uint32_t at) const;

private:
    struct Entry {
        std::uint64_t hash;
        std::uint32_t number;
    };

    // Where a line stands: the first place, which stays longest in a cache, and the newest ones.
    struct Places {
        std::array<std::uint32_t, 4> entries;
        std::uint32_t count;

        void add(std::uint32_t entry);
    };

    void add(const Line& line);
    Run longest(std::span<const Line> lines, std::uint32_t first) const;

    std::vector<Entry> entries_;       // lines of all texts
    std::vector<std::uint32_t> ends_;  // of each text in entries_
    std::vector<Places> places_;       // of lines that differ
    Slots slots_;                      // the number in places_, by hash
};

}  // namespace ctxpack::lines
