// The terms of a text, numbered, and where they stand.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "text/index.hpp"
#include "text/unit.hpp"

namespace ctxpack::text {

struct Terms {
    // O(n log n) in words.
    Terms(std::string_view text, std::span<const Unit> units);

    std::size_t size() const { return hashes.size(); }

    // How much weight a query gives to each term: 1 for a word, up to 2 for one that is repeated.
    std::vector<double> query(std::string_view text) const;

    std::vector<std::uint64_t> hashes;    // sorted; a term's number is its place here
    std::vector<Occurrence> occurrences;  // by unit
    std::vector<bool> names;              // per term: mostly written as a name, number or identifier
    std::vector<std::uint64_t> patterns;  // per unit: its words without those that hold digits; 0 without words
};

}  // namespace ctxpack::text
