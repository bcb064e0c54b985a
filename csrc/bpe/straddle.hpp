// Where merges may cross a character boundary before both characters are whole.
//
// BPE may start from whole characters instead of bytes wherever no token that holds only a part of one of them can be
// made before that one is whole. The filter holds, for every such token and the character boundary inside it that it
// crosses so, the byte before the boundary and the two after it, six bits of each, and the lowest of the tokens' ranks.
// It may say yes too often, never too rarely.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "encoding/types.hpp"

namespace ctxpack::bpe {

class StraddleFilter {
public:
    // Notes the boundary at `middle` inside a token of that rank that ends at `end`.
    void add(Bytes middle, Bytes end, TokenId rank) {
        for (unsigned next = 0; next <= kSixBits; ++next) {
            if (end - middle == 1 || next == (middle[1] & kSixBits)) set(slot(middle, next), rank);
        }
    }

    // Whether a token may lie across `middle`, which is in the text and not at its ends; the text ends at `end`.
    bool may_straddle(Bytes middle, Bytes end) const {
        const std::size_t at = slot_at(middle, end);
        return (around_[at / 32] >> at % 32 & 1) != 0;
    }
    // Whether one of a rank below this one may.
    bool may_straddle(Bytes middle, Bytes end, TokenId rank) const {
        return may_straddle(middle, end) && lowest_[place(slot_at(middle, end))] < rank;
    }
    // The bits, each at the six low ones of the byte before the boundary and of the two after it.
    const std::uint32_t* words() const { return around_.data(); }

private:
    static constexpr unsigned kSixBits = 63;
    static constexpr unsigned kBits = 18, kPlaceBits = 15;

    static std::size_t slot(Bytes middle, unsigned next) {
        return (middle[-1] & kSixBits) << 12 | (middle[0] & kSixBits) << 6 | (next & kSixBits);
    }
    static std::size_t slot_at(Bytes middle, Bytes end) { return slot(middle, end - middle > 1 ? middle[1] : 0); }
    // Of a slot's rank, which slots that share it make lower.
    static std::size_t place(std::size_t slot) {
        return static_cast<std::uint32_t>(slot) * std::uint32_t{0x9E3779B1} >> (32 - kPlaceBits);
    }

    void set(std::size_t at, TokenId rank) {
        around_[at / 32] |= std::uint32_t{1} << at % 32;
        TokenId& lowest = lowest_[place(at)];
        lowest = std::min(lowest, rank);
    }

    std::array<std::uint32_t, (1 << kBits) / 32> around_{};
    std::vector<TokenId> lowest_ = std::vector<TokenId>(std::size_t{1} << kPlaceBits, kNoToken);
};

}  // namespace ctxpack::bpe
