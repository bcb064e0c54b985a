// Where a scan sends what it finds when the tokens of each pretoken are wanted.
#pragma once

#include <vector>

#include "bpe/sinks.hpp"

namespace ctxpack::bpe {

class PretokenSink {
public:
    // For the order, not the ids: the first time a workspace makes its tables anew for these.
    static constexpr bool kWantsIds = true;
    static constexpr bool kWantsPretokens = true;
    static constexpr bool kKnowsStretches = false;

    void add(const Tokens& tokens) { counts_.push_back(static_cast<std::uint32_t>(tokens.count)); }
    void add_readable(const Tokens& tokens) { add(tokens); }
    void add_pairs(const TokenPair* pairs, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) counts_.push_back(pairs[i][1] == kNoToken ? 1 : 2);
    }
    void defer() {
        places_.push_back(counts_.size());
        counts_.push_back(0);
    }
    void fill_deferred(const Deferred& deferred, const MergeBatch& batch) {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            counts_[places_[i]] = static_cast<std::uint32_t>(batch.tokens(deferred.numbers()[i]).size());
        }
        places_.clear();
    }

    std::vector<std::uint32_t> take() { return std::move(counts_); }

private:
    std::vector<std::uint32_t> counts_;
    std::vector<std::size_t> places_;
};

}  // namespace ctxpack::bpe
