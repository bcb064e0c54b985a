// Which ids the tokens of a vocabulary have.
#pragma once

#include <span>
#include <vector>

#include "bpe/types.hpp"

namespace ctxpack::bpe {

// From this rank on, up to the next run's, ids go up by one from this id.
struct IdRun {
    TokenId rank;
    TokenId id;
};

// Data with larger ids are damaged; a table has a place for each id up to the last.
inline constexpr TokenId kLastId = 1 << 24;

// Ids and ranks, which differ where a family leaves ids out or numbers its tokens in another order.
class Ids {
public:
    // Runs start at rank 0. Throws std::invalid_argument where they contradict themselves.
    Ids(std::span<const IdRun> runs, std::size_t ranks);

    // One more than the largest id.
    std::size_t size() const { return ranks_.size(); }
    TokenId rank(TokenId id) const { return id < ranks_.size() ? ranks_[id] : kNoToken; }
    TokenId id(TokenId rank) const { return rank < same_ ? rank : ids_[rank]; }
    // Puts ids in the place of ranks.
    void rename(std::span<TokenId> ranks) const;

private:
    std::vector<TokenId> ids_;    // by rank
    std::vector<TokenId> ranks_;  // by id, kNoToken for none
    TokenId same_;                // from this rank on ids may be other numbers
};

}  // namespace ctxpack::bpe
