// What characters that were left out between words add to a unigram model's sum.
#pragma once

#include <algorithm>
#include <cassert>
#include <span>

#include "sentencepiece/unigram.hpp"
#include "sentencepiece/words.hpp"

namespace ctxpack::sentencepiece {

// Worths of such characters are written that many at once, also past the last.
inline constexpr std::size_t kSkippedAtOnce = 4;

struct WithSkipped {
    std::span<const WordScores> worths;
    std::size_t skipped;  // characters
};

// The worths of words from one on, and after each those of the characters that were skipped there: scores are added in
// order, which may matter to their sum. `room` holds one for each character of the block, and kSkippedAtOnce more.
// O(characters).
inline WithSkipped with_skipped(const Unigram& unigram, const WordsSkippingUnknown& words, std::size_t from,
                                std::span<const WordScores> worths, WordScores* room) {
    constexpr std::size_t kPerWorth = Unigram::kMostUnknowns;
    const auto unknowns = unigram.unknowns();
    const WordScores full = unknowns[kPerWorth];
    WordScores* to = room;
    std::size_t skipped = 0;
    for (std::size_t i = 0; i < worths.size(); ++i) {
        const std::size_t here = words.skipped(from + i), rest = here % kPerWorth;
        // The word is such a character itself then: as long as its worth may be added, so may theirs.
        assert(here == 0 || worths[i] == unknowns[1] || unigram.further_tokens(1) > 0);
        *to++ = worths[i];
        *to = unknowns[rest];
        to += rest != 0;
        // More than one turn is rare.
        for (std::size_t left = here / kPerWorth, k = 0; k < left; k += kSkippedAtOnce) {
            std::fill_n(to, kSkippedAtOnce, full);
            to += std::min(left - k, kSkippedAtOnce);
        }
        skipped += here;
    }
    return {{room, to}, skipped};
}

}  // namespace ctxpack::sentencepiece
