// Where a scan sends what it finds when the tokens of each pretoken are wanted.
#pragma once

#include <vector>

#include "bpe/piece_table.hpp"

namespace ctxpack::bpe {

class PretokenSink {
public:
    static constexpr bool kWantsIds = true;  // not the ids, but one call a pretoken, in the text's order

    void add(const PieceTokens& tokens) { counts_.push_back(static_cast<std::uint32_t>(tokens.count)); }

    std::vector<std::uint32_t> take() { return std::move(counts_); }

private:
    std::vector<std::uint32_t> counts_;
};

}  // namespace ctxpack::bpe
