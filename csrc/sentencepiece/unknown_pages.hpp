// Characters that are in no piece, as far as their first two bytes tell: those of three bytes, in pages of 64.
#pragma once

#include <array>

#include "cpu/level.hpp"
#include "sentencepiece/pieces.hpp"

#if defined(CTXPACK_X86_VECTORS)
#include <immintrin.h>
#endif

namespace ctxpack::sentencepiece {

class UnknownPages {
public:
    static constexpr std::size_t kBytes = 3;  // of a character

    // Knows no page until it is assigned to.
    UnknownPages() = default;
    // O(bytes).
    explicit UnknownPages(const Pieces::Keys& pieces);

#if defined(CTXPACK_X86_VECTORS)
    // Which bytes of a window begin such a character; `second` are the bytes after each.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t starts(__m512i window, __m512i second) const;
#endif

private:
    static constexpr std::size_t kHalf = 64;

    // A bit for every page, which is the lowest four bits of the lead and six of the second byte, 1 where all are
    // unknown: bit lead & 7 of byte (lead & 8) << 3 | (second & 0x3F).
    alignas(64) std::array<std::uint8_t, 2 * kHalf> pages_{};
};

#if defined(CTXPACK_X86_VECTORS)

CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t UnknownPages::starts(__m512i window, __m512i second) const {
    const __m512i low = _mm512_load_si512(pages_.data()), high = _mm512_load_si512(pages_.data() + kHalf);
    const __m512i bits = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));
    const __m512i half = _mm512_slli_epi16(_mm512_and_si512(window, _mm512_set1_epi8(8)), 3);
    const __m512i place = _mm512_or_si512(_mm512_and_si512(second, _mm512_set1_epi8(0x3F)), half);
    const __m512i page = _mm512_permutex2var_epi8(low, place, high);
    const __m512i bit = _mm512_shuffle_epi8(bits, _mm512_and_si512(window, _mm512_set1_epi8(7)));
    const __m512i kind = _mm512_and_si512(window, _mm512_set1_epi8(static_cast<char>(0xF0)));
    return _mm512_mask_test_epi8_mask(_mm512_cmpeq_epi8_mask(kind, _mm512_set1_epi8(static_cast<char>(0xE0))), page,
                                      bit);
}

#endif

}  // namespace ctxpack::sentencepiece
