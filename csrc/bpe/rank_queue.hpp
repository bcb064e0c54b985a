// Ranks by place, and the lowest of them: what a merge loop asks again and again.
#pragma once

#include <algorithm>
#include <vector>

#include "encoding/types.hpp"

namespace ctxpack::bpe {

// Places are taken in blocks of 16, of which each keeps its lowest; a change looks at one block again. Values hold the
// rank above the place within the block, so the least value is also the leftmost of equal ranks.
class RankQueue {
public:
    static constexpr TokenId kNoRank = (1 << 27) - 1;

    struct Place {
        std::size_t at;
        TokenId rank;
    };

    // Starts with these ranks; kNoToken stands for none.
    void assign(const std::vector<TokenId>& ranks) {
        values_.resize((ranks.size() + kBlock - 1) / kBlock * kBlock, kNone);
        lows_.resize(values_.size() / kBlock);
        for (std::size_t at = 0; at < ranks.size(); ++at) set(at, ranks[at]);
        std::fill(values_.begin() + static_cast<std::ptrdiff_t>(ranks.size()), values_.end(), kNone);
        settle(0, values_.size() - 1);
    }
    // After set() comes settle() of places from the first to the last that were set.
    void set(std::size_t at, TokenId rank) {
        values_[at] = rank == kNoToken ? kNone : static_cast<std::int32_t>(rank << kBits | (at & (kBlock - 1)));
    }
    void settle(std::size_t first, std::size_t last) {
        for (std::size_t block = first / kBlock; block <= last / kBlock; ++block) settle_block(block);
    }

    // kNoRank where there is none.
    Place place(std::size_t at) const { return {at, static_cast<TokenId>(values_[at]) >> kBits}; }
    // The leftmost place of the lowest rank. O(places / 16).
    Place lowest() const {
        std::size_t block = 0;
        for (std::size_t i = 1; i < lows_.size(); ++i) {
            if (lows_[i] >> kBits < lows_[block] >> kBits) block = i;
        }
        const auto low = static_cast<TokenId>(lows_[block]);
        return {block * kBlock + (low & (kBlock - 1)), low >> kBits};
    }

private:
    static constexpr unsigned kBits = 4;
    static constexpr std::size_t kBlock = 1 << kBits;
    static constexpr std::int32_t kNone = 0x7FFFFFFF;
    static_assert(kNoRank == kNone >> kBits);

    void settle_block(std::size_t block) {
        const std::int32_t* const values = &values_[block * kBlock];
        std::int32_t low = kNone;
        for (std::size_t i = 0; i < kBlock; ++i) low = std::min(low, values[i]);
        lows_[block] = low;
    }

    std::vector<std::int32_t> values_;
    std::vector<std::int32_t> lows_;
};

}  // namespace ctxpack::bpe
