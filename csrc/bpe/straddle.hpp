// Where merges may cross a character boundary before both characters are whole.
//
// BPE may start from whole characters instead of bytes wherever no token that is not whole characters could lie across
// the boundary: then a character's bytes can only merge among themselves until it is complete. The filter holds, for
// every such token and every character boundary inside it, the byte before the boundary and the two after it, six bits
// of each. It may say yes too often, never too rarely.
#pragma once

#include <array>

#include "encoding/types.hpp"

namespace ctxpack::bpe {

class StraddleFilter {
public:
    // Notes the boundary at `middle` inside a token that ends at `end`.
    void add(Bytes middle, Bytes end) {
        for (unsigned next = 0; next <= kSixBits; ++next) {
            if (end - middle == 1 || next == (middle[1] & kSixBits)) set(slot(middle, next));
        }
    }

    // Whether a token may lie across `middle`, which is in the text and not at its ends; the text ends at `end`.
    bool may_straddle(Bytes middle, Bytes end) const {
        const std::size_t at = slot(middle, end - middle > 1 ? middle[1] : 0);
        return (around_[at / 32] >> at % 32 & 1) != 0;
    }
    // The bits, each at the six low ones of the byte before the boundary and of the two after it.
    const std::uint32_t* words() const { return around_.data(); }

private:
    static constexpr unsigned kSixBits = 63;

    static std::size_t slot(Bytes middle, unsigned next) {
        return (middle[-1] & kSixBits) << 12 | (middle[0] & kSixBits) << 6 | (next & kSixBits);
    }

    void set(std::size_t at) { around_[at / 32] |= std::uint32_t{1} << at % 32; }

    std::array<std::uint32_t, (1 << 18) / 32> around_{};
};

}  // namespace ctxpack::bpe
