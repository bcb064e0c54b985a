// The tables of tokens and of other pretokens met before, by size.
#pragma once

#include <map>
#include <string_view>

#include "bpe/piece_table.hpp"
#include "bpe/vocabulary.hpp"

namespace ctxpack::bpe {

struct Pieces {
    explicit Pieces(const Vocabulary& vocabulary);

    // A text to be looked up once its memory has come.
    struct Wanted {
        Bytes text;
        std::size_t size;
        std::uint64_t hash;
    };
    // Of a text, not empty, within a token of the vocabulary.
    Wanted prefetched(Bytes text, std::size_t size) const;
    // The token of that text, or kNoToken.
    TokenId token(const Wanted& wanted) const;

    PieceTable<16> brief;
    PieceTable<32> medium;
    PieceTable<64> wide;
    std::map<std::string_view, TokenId> longer;  // tokens only

private:
    void add(const Wanted& wanted, TokenId id);
};

}  // namespace ctxpack::bpe
