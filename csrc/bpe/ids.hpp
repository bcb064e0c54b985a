// Which ids the tokens of a vocabulary have.
#pragma once

#include <span>
#include <vector>

#include "encoding/types.hpp"

namespace ctxpack::bpe {

// From this rank on, up to the next run's, ids go up by one from this id. kNoToken is none: that of a byte which no
// text has.
struct IdRun {
    TokenId rank;
    TokenId id;
};

// Data with larger ids are damaged; a table has a place for each id up to the last.
inline constexpr TokenId kLastId = 1 << 24;

// Ids and ranks, which differ where a family leaves ids out or numbers its tokens in another order.
class Ids {
public:
    // Runs start at rank 0. Throws std::invalid_argument where they contradict themselves, or the token of a rank that
    // is no single byte's has no id.
    Ids(std::span<const IdRun> runs, std::size_t ranks);

    // One more than the largest id.
    std::size_t size() const { return same_ + ranks_.size(); }
    TokenId rank(TokenId id) const {
        if (id < same_) return id;
        return id < size() ? ranks_[id - same_] : kNoToken;
    }
    TokenId id(TokenId rank) const { return rank < same_ ? rank : ids_[rank - same_]; }
    // Puts ids in the place of ranks.
    void to_ids(std::span<TokenId> ranks) const;

private:
    void index_ranks();

    TokenId same_;                // below this number each id is its rank
    std::vector<TokenId> ids_;    // of the ranks from there on
    std::vector<TokenId> ranks_;  // of the ids from there on, kNoToken for none
};

}  // namespace ctxpack::bpe
