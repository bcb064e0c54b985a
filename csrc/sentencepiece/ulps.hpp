// Adding scores to a sum in any order, where that gives what the reference gets by rounding each time.
//
// The floats between two powers of two are multiples of one ulp. As long as the sum stays there, adding a score is
// adding the ulps that it is rounded to, unless it lies half-way between two.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ctxpack::sentencepiece {

class Ulps {
public:
    // Whether the scores of that many words may be added to a sum.
    static bool may_add(float sum, std::size_t words) { return sum < -kLeastSum && words <= kMostWords; }

    explicit Ulps(float sum) : before_(std::bit_cast<std::uint32_t>(sum)) {}

    // In the middle between the two powers: a score added to it, as bits, is that many ulps further.
    float rounder() const { return std::bit_cast<float>(middle()); }
    // Half an ulp. Below zero, as the scores are.
    float half() const { return std::bit_cast<float>((middle() ^ kMiddle) - 24 * kExponent); }
    // Whether the sum is still between the two powers after that many ulps, and what it is.
    bool stays(std::uint32_t ulps) const { return ((before_ ^ (before_ + ulps)) & kSignExponent) == 0; }
    float after(std::uint32_t ulps) const { return std::bit_cast<float>(before_ + ulps); }

private:
    static constexpr std::uint32_t kExponent = 0x00800000, kSignExponent = 0xFF800000, kMiddle = 0x00400000;
    // From here on a score is at most a quarter of the power of two below the sum, and blocks of words do not overflow.
    static constexpr float kLeastSum = 2'048.0F;
    static constexpr std::size_t kMostWords = 1'024;

    std::uint32_t middle() const { return (before_ & kSignExponent) | kMiddle; }

    std::uint32_t before_;
};

}  // namespace ctxpack::sentencepiece
