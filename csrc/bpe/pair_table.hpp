// Which token two adjacent tokens merge into: an open-addressing table of 8-byte slots.
#pragma once

#include <vector>

#include "bpe/piece.hpp"
#include "bpe/table.hpp"

namespace ctxpack::bpe {

// Most pairs that are asked for do not merge, and the slots are larger than the fast caches. So a bitmap that fits them
// is asked first: one bit for the hash of every pair there is.
//
// A slot is left id (21 bits), right id (21 bits), merged id + 1 (22 bits); zero is empty.
class PairTable {
public:
    explicit PairTable(std::size_t pairs)
        : bits_(static_cast<unsigned>(std::bit_width(pairs * 2))),
          slots_(std::size_t{1} << bits_),
          filter_(slots_.size() * kFilterBits / 64) {}

    void insert(TokenId left, TokenId right, TokenId merged) {
        const std::uint64_t hash = hash_of(key(left, right));
        filter_[filter_word(hash)] |= filter_bit(hash);
        std::size_t at = hash >> (64 - bits_);
        while (slots_[at] != 0) at = next(at);
        slots_[at] = key(left, right) | (merged + 1);
    }

    // Brings in what insert or find of that pair will touch; returns the pair's hash.
    std::uint64_t prefetch_slot(TokenId left, TokenId right) const {
        const std::uint64_t hash = hash_of(key(left, right));
        prefetch(&slots_[hash >> (64 - bits_)]);
        return hash;
    }

    // The token that `left` and `right` merge into, or kNoToken. O(1).
    TokenId find(TokenId left, TokenId right) const {
        const std::uint64_t wanted = key(left, right);
        const std::uint64_t hash = hash_of(wanted);
        if ((filter_[filter_word(hash)] & filter_bit(hash)) == 0) return kNoToken;
        for (std::size_t at = hash >> (64 - bits_); slots_[at] != 0; at = next(at)) {
            if ((slots_[at] & ~kValue) == wanted) return static_cast<TokenId>(slots_[at] & kValue) - 1;
        }
        return kNoToken;
    }

private:
    static constexpr std::uint64_t kValue = (1 << 22) - 1;
    static constexpr std::size_t kFilterBits = 4;  // bits for each slot

    static std::uint64_t key(TokenId left, TokenId right) {
        return static_cast<std::uint64_t>(left) << 43 | static_cast<std::uint64_t>(right) << 22;
    }
    static std::uint64_t hash_of(std::uint64_t key) { return (key ^ key >> 32) * kMix1; }
    // The filter's index continues the slot's, so that neighbours in one are neighbours in the other.
    std::size_t filter_word(std::uint64_t hash) const { return (hash >> (64 - bits_)) * kFilterBits / 64; }
    static std::uint64_t filter_bit(std::uint64_t hash) { return std::uint64_t{1} << (hash >> 20 & 63); }
    std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

    unsigned bits_;
    Table<std::uint64_t> slots_;
    std::vector<std::uint64_t> filter_;
};

}  // namespace ctxpack::bpe
