// The stretches that a text is counted in, each to be remembered by itself.
#pragma once

#include <string_view>

#include "sentencepiece/seams.hpp"
#include "sentencepiece/tally.hpp"

namespace ctxpack::sentencepiece {

// A stretch that was counted: what that depended on, and what came of it.
struct CountedStretch {
    CountedStretch() = default;
    CountedStretch(const Progress& before, const Progress& after, bool last)
        : tokens(after.tally.tokens - before.tally.tokens),
          sum_before(before.sum),
          sum_after(after.sum),
          is_first(before.tally.tokens == 0),
          is_last(last),
          after_unknown(before.tally.ends_unknown),
          ends_unknown(after.tally.ends_unknown) {}

    // Whether it comes to the same here. How many tokens are before it matters only where there are none.
    bool fits(const Progress& progress, bool last) const {
        return sum_before == progress.sum && after_unknown == progress.tally.ends_unknown && is_last == last &&
               is_first == (progress.tally.tokens == 0);
    }
    Progress applied_to(const Progress& progress) const {
        return {{progress.tally.tokens + tokens, ends_unknown}, sum_after};
    }

    std::size_t tokens;
    float sum_before, sum_after;
    bool is_first, is_last;
    bool after_unknown, ends_unknown;
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
