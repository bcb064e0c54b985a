// The tables of tokens and of other pretokens met before, by size.
#pragma once

#include "bpe/ids.hpp"
#include "bpe/long_pretokens.hpp"
#include "bpe/pretoken_table.hpp"
#include "bpe/vocabulary.hpp"

namespace ctxpack::bpe {

struct PretokenTables {
    PretokenTables(const Vocabulary& vocabulary, const Ids& ids);

    // Until this is called, the tables by key tell only how many tokens a pretoken is; `long_pretokens` also tells
    // which. O(1) from the second call on.
    void want_ids(const Vocabulary& vocabulary, const Ids& ids);

    // The token that the pretoken [p, p + size) of a text is, which ends at `end`; kNoToken where it is none.
    TokenId token(Bytes p, std::size_t size, Bytes end) const;

    PretokenTable<16> table16;
    PretokenTable<32> table32;
    PretokenTable<64> table64;
    LongPretokens long_pretokens;
};

}  // namespace ctxpack::bpe
