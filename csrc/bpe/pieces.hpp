// The tables of tokens and of other pretokens met before, by size.
#pragma once

#include "bpe/ids.hpp"
#include "bpe/long_pieces.hpp"
#include "bpe/piece_table.hpp"
#include "bpe/vocabulary.hpp"

namespace ctxpack::bpe {

struct Pieces {
    Pieces(const Vocabulary& vocabulary, const Ids& ids);

    // Until this is called, the tables by key tell only how many tokens a piece is; `long_pieces` also tells which.
    // O(1) from the second call on.
    void want_ids(const Vocabulary& vocabulary, const Ids& ids);

    // The token that the piece [p, p + size) of a text is, which ends at `end`; kNoToken where it is none.
    TokenId token(Bytes p, std::size_t size, Bytes end) const;

    PieceTable<16> table16;
    PieceTable<32> table32;
    PieceTable<64> table64;
    LongPieces long_pieces;
};

}  // namespace ctxpack::bpe
