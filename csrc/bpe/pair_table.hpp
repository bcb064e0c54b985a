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
        : bits_(static_cast<unsigned>(std::bit_width(pairs + pairs / 4))),
          slots_(std::size_t{1} << bits_),
          filter_(slots_.size() * kFilterBits / 64) {}

    struct Query {
        std::uint64_t key, hash;
    };
    Query query(TokenId left, TokenId right) const {
        const std::uint64_t key = static_cast<std::uint64_t>(left) << 43 | static_cast<std::uint64_t>(right) << 22;
        return {key, (key ^ key >> 32) * kMix1};
    }
    // The same query; brings in what insert or find will touch.
    const Query& prefetched(const Query& query) const {
        prefetch(&slots_[home(query)]);
        return query;
    }

    // May merge; if so, brings in what find will touch.
    bool prefetch_where_may_merge(const Query& query) const {
        const bool may = may_merge(query);
        prefetch(&slots_[may ? home(query) : 0]);
        return may;
    }

    void insert(const Query& query, TokenId merged) {
        filter_[filter_word(query)] |= filter_bit(query);
        std::size_t at = home(query);
        while (slots_[at] != 0) at = next(at);
        slots_[at] = query.key | (merged + 1);
    }

    // False where the two do not merge, mostly. Without a branch.
    bool may_merge(const Query& query) const { return (filter_[filter_word(query)] & filter_bit(query)) != 0; }

    // The token that the two merge into, or kNoToken. O(1).
    TokenId find(const Query& query) const {
        if (!may_merge(query)) return kNoToken;
        for (std::size_t at = home(query); slots_[at] != 0; at = next(at)) {
            if ((slots_[at] & ~kValue) == query.key) return static_cast<TokenId>(slots_[at] & kValue) - 1;
        }
        return kNoToken;
    }

private:
    static constexpr std::uint64_t kValue = (1 << 22) - 1;
    static constexpr std::size_t kFilterBits = 8;  // bits for each slot

    std::size_t home(const Query& query) const { return query.hash >> (64 - bits_); }
    // The filter's index continues the slot's, so that neighbours in one are neighbours in the other.
    std::size_t filter_word(const Query& query) const { return home(query) * kFilterBits / 64; }
    static std::uint64_t filter_bit(const Query& query) { return std::uint64_t{1} << (query.hash >> 20 & 63); }
    std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

    unsigned bits_;
    Table<std::uint64_t> slots_;
    std::vector<std::uint64_t> filter_;
};

}  // namespace ctxpack::bpe
