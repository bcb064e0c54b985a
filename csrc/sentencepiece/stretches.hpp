// The stretches that a text is counted in, each to be remembered by itself.
#pragma once

#include "encoding/stretch_tag.hpp"
#include "sentencepiece/tokenizer.hpp"

namespace ctxpack::sentencepiece {

// A stretch that was counted, between what was before it and what came of it.
struct CountedStretch {
    Progress before, after;
    bool last;

    // Whether it comes to the same here. How many tokens are before it matters only where there are none.
    bool fits(const Progress& progress, bool is_last) const {
        return before.sum == progress.sum && before.unknown == progress.unknown && last == is_last &&
               (before.tokens == 0) == (progress.tokens == 0);
    }
    Progress applied_to(const Progress& progress) const {
        return {progress.tokens + after.tokens - before.tokens, after.unknown, after.sum};
    }
};

// Where the stretch that starts at a byte ends: at a seam, or at the text's end. Where there are no seams, few places
// are looked at.
inline std::size_t stretch_end(const Seams& seams, std::string_view text, std::size_t from) {
    constexpr std::size_t kStretch = std::size_t{1} << 14, kLooked = 64;
    for (std::size_t at = from + kStretch; at + kStretch / 4 < text.size(); at += kStretch) {
        const std::size_t seam = seams.next(text, at, at + kLooked);
        if (seam < at + kLooked) return seam;
    }
    return text.size();
}

}  // namespace ctxpack::sentencepiece
