#include "bpe/ids.hpp"

#include <algorithm>
#include <stdexcept>

namespace ctxpack::bpe {

Ids::Ids(std::span<const IdRun> runs, std::size_t ranks) {
    if (runs.empty() || runs[0].rank != 0) throw std::invalid_argument("a token has no id");
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::size_t end = i + 1 < runs.size() ? runs[i + 1].rank : ranks;
        if (end <= ids_.size() || end > ranks) throw std::invalid_argument("runs of ids are out of order");
        for (TokenId id = runs[i].id; ids_.size() < end; ++id) ids_.push_back(id);
    }
    const TokenId last = *std::max_element(ids_.begin(), ids_.end());
    if (last > kLastId) throw std::invalid_argument("an id is too large");
    ranks_.assign(last + 1, kNoToken);
    for (TokenId rank = 0; rank < ids_.size(); ++rank) {
        TokenId& slot = ranks_[ids_[rank]];
        if (slot != kNoToken) throw std::invalid_argument("two tokens have one id");
        slot = rank;
    }
    same_ = runs[0].id != 0 ? 0 : runs.size() > 1 ? runs[1].rank : static_cast<TokenId>(ranks);
}

void Ids::rename(std::span<TokenId> ranks) const {
    for (TokenId& token : ranks) token = id(token);
}

}  // namespace ctxpack::bpe
