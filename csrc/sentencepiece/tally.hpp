// What counting a text comes to, as a whole and on the way.
#pragma once

#include <algorithm>
#include <limits>

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

// The count of a part between seams, valid wherever |a unigram model's sum of scores before it| < `limit`; the
// part moves that sum by at most `reach`.
struct PartCount {
    Tally tally;
    bool starts_unknown = false;
    double limit = std::numeric_limits<double>::infinity();
    double reach = 0;

    // Makes it that of both; unknown pieces side by side are one token.
    void append(const PartCount& next) {
        if (next.tally.tokens == 0) return;
        if (tally.tokens == 0) starts_unknown = next.starts_unknown;
        tally.tokens += next.tally.tokens - (tally.ends_unknown && next.starts_unknown);
        tally.ends_unknown = next.tally.ends_unknown;
        limit = std::min(limit, next.limit - reach);
        reach += next.reach;
    }
    // Whether that is what it is at the start of a text.
    bool holds() const { return limit > 0; }
};

}  // namespace ctxpack::sentencepiece
