// Where a text that is counted is cut into stretches, each to be remembered by itself.
#pragma once

#include <algorithm>
#include <cstddef>

#include "bpe/table.hpp"
#include "encoding/known_stretches.hpp"
#include "split/seams.hpp"

namespace ctxpack::bpe {

// Some blocks of pretokens: the last block of a stretch is not full.
inline constexpr std::ptrdiff_t kStretch = 4096;

// Where the stretch that starts at `p` ends: at the first seam behind kStretch bytes, or the text's end. Where there
// are no seams, few places are looked at.
inline Bytes stretch_end(Bytes p, Bytes end) {
    constexpr std::ptrdiff_t kLooked = kStretch / 4;
    for (std::ptrdiff_t at = kStretch; end - p > at + kLooked; at += kStretch) {
        const Bytes limit = p + at + kLooked;
        if (const Bytes seam = split::next_seam(p + at, limit, end); seam < limit) return seam;
    }
    return end;
}

// Asks for the text of a stretch: its tag is made as fast as it comes from the memory.
inline void prefetch_stretch(Bytes p, Bytes end) {
    constexpr std::ptrdiff_t kLine = 64;
    const Bytes stop = p + std::min(end - p, kStretch);
    for (; p < stop; p += kLine) prefetch(p);
}

}  // namespace ctxpack::bpe
