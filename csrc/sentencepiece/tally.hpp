// What counting a text comes to, as a whole and on the way.
#pragma once

#include "sentencepiece/pieces.hpp"

namespace ctxpack::sentencepiece {

// How many tokens a text is, and whether the last of them is the unknown piece.
struct Tally {
    std::size_t tokens = 0;
    bool ends_unknown = false;

    bool operator==(const Tally&) const = default;
    Tally with_piece() const { return {tokens + 1, false}; }
    // With a character that no piece covers. Unknown pieces side by side are one token.
    Tally with_unknown(const Pieces& pieces, Bytes p, std::size_t size) const {
        const bool is_piece = !pieces.byte_fallback();
        return {tokens + pieces.unknown_tokens(p, size) - (is_piece && ends_unknown), is_piece};
    }
};

// How far counting a text has come at a seam.
struct Progress {
    Tally tally;
    float sum = 0;  // of a unigram model's scores
};

}  // namespace ctxpack::sentencepiece
