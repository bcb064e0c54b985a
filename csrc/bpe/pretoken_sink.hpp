// Where a scan sends what it finds when the tokens of each pretoken are wanted.
#pragma once

#include <vector>

#include "bpe/piece_cache.hpp"

namespace ctxpack::bpe {

class PretokenSink {
public:
    static constexpr bool kWantsIds = true;  // not the ids, but one call a pretoken, in the text's order

    void add_token(TokenId) { counts_.push_back(1); }
    bool add_cached(const CachedTokens& tokens) {
        if (tokens.count == 0) return false;
        counts_.push_back(tokens.count);
        return true;
    }
    void add_merged(const std::vector<TokenId>& ids) { counts_.push_back(static_cast<std::uint32_t>(ids.size())); }

    std::vector<std::uint32_t> take() { return std::move(counts_); }

private:
    std::vector<std::uint32_t> counts_;
};

}  // namespace ctxpack::bpe
