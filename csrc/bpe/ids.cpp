#include "bpe/ids.hpp"

#include <algorithm>
#include <stdexcept>

#include "bpe/vocabulary.hpp"

namespace ctxpack::bpe {

Ids::Ids(std::span<const IdRun> runs, std::size_t ranks) {
    if (runs.empty() || runs[0].rank != 0) throw std::invalid_argument("a token has no id");
    std::size_t filled = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::size_t end = i + 1 < runs.size() ? runs[i + 1].rank : ranks;
        if (end <= filled || end > ranks) throw std::invalid_argument("runs of ids are out of order");
        if (runs[i].id == kNoToken && end - filled > 1) throw std::invalid_argument("a token has no id");
        if (i == 0) same_ = runs[0].id == 0 ? static_cast<TokenId>(end) : 0;
        for (TokenId id = runs[i].id; filled < end; ++id, ++filled) {
            if (filled >= same_) ids_.push_back(id);
        }
    }
    if (!ids_.empty()) index_ranks();
}

void Ids::index_ranks() {
    TokenId past = same_;
    for (const TokenId id : ids_) {
        if (id == kNoToken) continue;
        if (id > kLastId) throw std::invalid_argument("an id is too large");
        past = std::max(past, id + 1);
    }
    ranks_.assign(past - same_, kNoToken);
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        if (ids_[i] == kNoToken) {
            if (same_ + i >= Vocabulary::kBytes) throw std::invalid_argument("a token has no id");
            continue;
        }
        if (ids_[i] < same_ || ranks_[ids_[i] - same_] != kNoToken)
            throw std::invalid_argument("two tokens have one id");
        ranks_[ids_[i] - same_] = same_ + static_cast<TokenId>(i);
    }
}

void Ids::to_ids(std::span<TokenId> ranks) const {
    for (TokenId& token : ranks) token = id(token);
}

}  // namespace ctxpack::bpe
