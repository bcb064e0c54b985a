// What copying by windows with AVX-512 shares.
#pragma once

#include "cpu/avx512.hpp"
#include "sentencepiece/copy.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::sentencepiece {

inline constexpr unsigned kWindow = 64;

// Bytes of the characters that a window of text holds whole, told by its last bytes alone: in valid UTF-8 one of these
// at most is a first byte whose character goes on past the window.
CTXPACK_AT_AVX512 CTXPACK_INLINE unsigned whole_bytes(Bytes p) {
    return kWindow - (p[kWindow - 1] >= 0xC0) - 2 * (p[kWindow - 2] >= 0xE0) - 3 * (p[kWindow - 3] >= 0xF0);
}

// Copies windows of a text, mostly not ASCII, in which all that may not stay is of a few pages of characters; returns
// where another one starts.
CTXPACK_AT_AVX512 Bytes copy_by_pages(const CopyTable& table, const NonAsciiTable& non_ascii, Bytes p, Bytes end,
                                      CopyEnd& copied);

}  // namespace ctxpack::sentencepiece

#endif
