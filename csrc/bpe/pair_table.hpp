// Which token two adjacent tokens merge into: an open-addressing table of 8-byte slots.
#pragma once

#include <vector>

#include "bpe/piece.hpp"

namespace ctxpack::bpe {

// A slot is left id (21 bits), right id (21 bits), merged id + 1 (22 bits); zero is empty.
class PairTable {
public:
    explicit PairTable(std::size_t pairs) {
        bits_ = static_cast<unsigned>(std::bit_width(pairs * 2));
        slots_.resize(std::size_t{1} << bits_);
    }

    void insert(TokenId left, TokenId right, TokenId merged) {
        std::size_t at = start(key(left, right));
        while (slots_[at] != 0) at = next(at);
        slots_[at] = key(left, right) | (merged + 1);
    }

    // The token that `left` and `right` merge into, or kNoToken. O(1).
    TokenId find(TokenId left, TokenId right) const {
        const std::uint64_t wanted = key(left, right);
        for (std::size_t at = start(wanted); slots_[at] != 0; at = next(at)) {
            if ((slots_[at] & ~kValue) == wanted) return static_cast<TokenId>(slots_[at] & kValue) - 1;
        }
        return kNoToken;
    }

private:
    static constexpr std::uint64_t kValue = (1 << 22) - 1;

    static std::uint64_t key(TokenId left, TokenId right) {
        return static_cast<std::uint64_t>(left) << 43 | static_cast<std::uint64_t>(right) << 22;
    }
    std::size_t start(std::uint64_t key) const { return (key ^ key >> 32) * kMix1 >> (64 - bits_); }
    std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

    unsigned bits_;
    std::vector<std::uint64_t> slots_;
};

}  // namespace ctxpack::bpe
