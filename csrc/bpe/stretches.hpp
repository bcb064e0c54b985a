// Where a text that is counted is cut into stretches, each to be remembered by itself.
#pragma once

#include <cstddef>

#include "split/seams.hpp"

namespace ctxpack::bpe {

// Long enough for several blocks, for the last block of a stretch is only partly full.
inline constexpr std::ptrdiff_t kStretch = 8192;

// Where the stretch that starts at `p` ends: at the first seam after kStretch bytes, or the text's end. Where there
// are no seams, few places are looked at.
inline Bytes stretch_end(Bytes p, Bytes end) {
    constexpr std::ptrdiff_t kLooked = 256;
    for (std::ptrdiff_t at = kStretch; end - p > at + kLooked; at += kStretch) {
        const Bytes limit = p + at + kLooked;
        if (const Bytes seam = split::next_seam(p + at, limit, end); seam < limit) return seam;
    }
    return end;
}

}  // namespace ctxpack::bpe
