// Chooses units under a budget of tokens: the best first, repetitions later.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ctxpack::text {

// What there is to choose from, one entry per unit in each.
struct Candidates {
    std::span<const double> scores;
    std::span<const std::uint64_t> patterns;  // equal for units that differ in their numbers only
    std::span<const std::int64_t> costs;      // tokens
};

// Ascending numbers of the chosen units. `required` ones come first, in their order, as far as they fit. Then greedily:
// the gain of a unit is its score, divided by one more than the number of units of its pattern that are chosen already
// (a submodular objective, so gains only fall). A gap between chosen units that are no neighbours costs `gap` tokens.
// Ties go to the unit that stands first. O(n log n). Throws std::invalid_argument where lengths differ, a cost or
// the gap is negative or from 2^62 on, a score is no number, or a required number is none of a unit.
std::vector<std::uint32_t> choose(const Candidates& candidates, std::span<const std::uint32_t> required,
                                  std::int64_t gap, std::int64_t budget);

}  // namespace ctxpack::text
