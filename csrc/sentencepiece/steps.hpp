// Adding scores to a sum in any order, where that gives what the reference gets by rounding each time.
//
// The floats between two powers of two are multiples of one step. As long as the sum stays there, adding a score is
// adding what that is rounded to by steps, unless it lies half-way between two.
#pragma once

#include <bit>
#include <cstdint>

#include "sentencepiece/adding.hpp"

namespace ctxpack::sentencepiece {

class Steps {
public:
    // Whether the scores of so many words may be added to a sum.
    static bool may_add(float sum, std::size_t words) { return sum < -kLeastSum && words <= kMostWords; }

    explicit Steps(float sum) : before_(std::bit_cast<std::uint32_t>(sum)) {}

    // In the middle between the two powers: a score added to it, as bits, is so many steps further.
    float rounder() const { return std::bit_cast<float>(middle()); }
    // Half a step. Below zero, as the scores are.
    float half() const { return std::bit_cast<float>((middle() ^ kMiddle) - 24 * kExponent); }
    // Whether the sum is still there behind so many steps, and what it is.
    bool stays(std::uint32_t steps) const { return ((before_ ^ (before_ + steps)) & kSignExponent) == 0; }
    float behind(std::uint32_t steps) const { return std::bit_cast<float>(before_ + steps); }

private:
    static constexpr std::uint32_t kExponent = 0x00800000, kSignExponent = 0xFF800000, kMiddle = 0x00400000;
    // From here on a score is at most a quarter of the power of two below the sum, and blocks of words do not overflow.
    static constexpr float kLeastSum = 2'048.0F;
    static constexpr std::size_t kMostWords = 1'024;

    std::uint32_t middle() const { return (before_ & kSignExponent) | kMiddle; }

    std::uint32_t before_;
};

}  // namespace ctxpack::sentencepiece
