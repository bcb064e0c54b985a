// Which token two adjacent tokens merge into: an open-addressing table of 8-byte slots.
#pragma once

#include <algorithm>

#include "encoding/table.hpp"
#include "encoding/text_key.hpp"

namespace ctxpack {

// Most pairs that are asked for do not merge, and the slots are larger than the fast caches. So a bitmap that fits them
// is asked first: one bit for the hash of every pair there is.
//
// A slot is the left symbol (21 bits), the right one (21 bits) and what they merge into + 1 (22 bits); zero is empty.
// Slots come in sets, which are filled in order and looked through without a branch; what does not fit into its set is
// in the next ones.
class PairTable {
public:
    // A symbol that is none, so that it merges with none.
    static constexpr TokenId kNobody = (1 << 21) - 1;
    static constexpr std::uint64_t kValue = (1 << 22) - 1;  // of a slot: what is no key

    explicit PairTable(std::size_t pairs)
        : bits_(std::max(kFewestBits, static_cast<unsigned>(std::bit_width(pairs * 5 / 2)))),
          slots_(std::size_t{1} << bits_),
          filter_(slots_.size() / kSlotsOfWord, Pages::small) {}

    struct Query {
        std::uint64_t key;
        std::uint32_t hash;
    };
    static Query query(TokenId left, TokenId right) { return query(left, right, hash(left, right)); }
    static Query query(TokenId left, TokenId right, std::uint32_t hash) {
        return {static_cast<std::uint64_t>(left) << 43 | static_cast<std::uint64_t>(right) << 22, hash};
    }
    static std::uint32_t hash(TokenId left, TokenId right) {
        const std::uint32_t hash = left * kLeft + right * kRight;
        return (hash ^ hash >> 15) * kBoth;
    }
    // Brings in what insert or find will touch; the second returns the same query.
    void prefetch_set(std::uint32_t hash) const { prefetch(&slots_[home(hash)]); }
    const Query& prefetched(const Query& query) const {
        prefetch_set(query.hash);
        return query;
    }
    // May merge; if so, brings in what find will touch.
    bool prefetch_where_may_merge(const Query& query) const {
        const bool may = may_merge(query);
        prefetch_set(query.hash & (0 - std::uint32_t{may}));  // compilers turn ?: into a branch here
        return may;
    }

    void insert(const Query& query, TokenId merged) {
        filter_[filter_word(query.hash)] |= filter_bit(query.hash);
        std::size_t set = home(query.hash), filled = filled_slots(set);
        while (filled == kWays) {
            set = next_set(set);
            filled = filled_slots(set);
        }
        slots_[set + filled] = query.key | (merged + 1);
    }

    // False where the two do not merge, mostly. Without a branch.
    bool may_merge(const Query& query) const {
        return (filter_[filter_word(query.hash)] & filter_bit(query.hash)) != 0;
    }

    // The token that the two merge into, or kNoToken. O(1).
    TokenId find(const Query& query) const { return may_merge(query) ? look_up(query) : kNoToken; }
    // What find returns, of two that may merge.
    TokenId look_up(const Query& query) const {
        for (std::size_t set = home(query.hash);; set = next_set(set)) {
            std::uint64_t found = 0;
            for (std::size_t at = set; at < set + kWays; ++at) {
                found |= (slots_[at] & ~kValue) == query.key ? slots_[at] & kValue : 0;
            }
            if (found != 0 || slots_[set + kWays - 1] == 0) [[likely]]
                return static_cast<TokenId>(found) - 1;
        }
    }

    // For pair_table_avx512.hpp, which does the same with vectors: the parts of the hash; the filter, of which the bit
    // hash % 32 of the word hash >> filter_shift() is asked for; and the slots of the set that is looked through first.
    static constexpr std::uint32_t kLeft = 0x9E3779B1, kRight = 0x85EBCA77, kBoth = 0xC2B2AE3D;
    const std::uint32_t* filter() const { return &filter_[0]; }
    unsigned filter_shift() const { return 32 + kWordBits - bits_; }
    static constexpr std::size_t kWays = 4;
    const std::uint64_t* set(std::uint32_t hash) const { return &slots_[home(hash)]; }

private:
    static constexpr unsigned kFewestBits = 8;  // so that the filter has some words
    static constexpr unsigned kWordBits = 3;
    static constexpr std::size_t kSlotsOfWord = 1 << kWordBits;  // of the filter, which has 4 bits for a slot

    // The first slot of the set that the pair is in, or else of the sets before it.
    std::size_t home(std::uint32_t hash) const { return hash >> (32 - bits_) & ~(kWays - 1); }
    std::size_t next_set(std::size_t set) const { return (set + kWays) & (slots_.size() - 1); }
    // Of a set. Without a branch.
    std::size_t filled_slots(std::size_t set) const {
        std::size_t filled = 0;
        for (std::size_t at = set; at < set + kWays; ++at) filled += slots_[at] != 0;
        return filled;
    }
    std::size_t filter_word(std::uint32_t hash) const { return hash >> filter_shift(); }
    static std::uint32_t filter_bit(std::uint32_t hash) { return std::uint32_t{1} << hash % 32; }

    unsigned bits_;
    Table<std::uint64_t> slots_;
    Table<std::uint32_t> filter_;
};

}  // namespace ctxpack
