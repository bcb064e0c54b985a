// Loading from sixteen places one by one: the instructions that gather take twice the time.
#pragma once

#include "cpu/level.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <cstdint>

namespace ctxpack::sentencepiece {

class Places {
public:
    CTXPACK_AT_AVX512 CTXPACK_INLINE explicit Places(__m512i places) { _mm512_store_si512(places_, places); }
    // The words at four of them.
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m128i words(const std::uint32_t* from, unsigned i) const {
        __m128i found = _mm_cvtsi32_si128(static_cast<int>(from[places_[i]]));
        found = _mm_insert_epi32(found, static_cast<int>(from[places_[i + 1]]), 1);
        found = _mm_insert_epi32(found, static_cast<int>(from[places_[i + 2]]), 2);
        return _mm_insert_epi32(found, static_cast<int>(from[places_[i + 3]]), 3);
    }
    // The bytes at eight of them.
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m128i bytes(const std::uint8_t* from, unsigned i) const {
        __m128i found = _mm_cvtsi32_si128(from[places_[i]]);
        found = _mm_insert_epi8(found, from[places_[i + 1]], 1);
        found = _mm_insert_epi8(found, from[places_[i + 2]], 2);
        found = _mm_insert_epi8(found, from[places_[i + 3]], 3);
        found = _mm_insert_epi8(found, from[places_[i + 4]], 4);
        found = _mm_insert_epi8(found, from[places_[i + 5]], 5);
        found = _mm_insert_epi8(found, from[places_[i + 6]], 6);
        return _mm_insert_epi8(found, from[places_[i + 7]], 7);
    }

private:
    alignas(64) std::uint32_t places_[16];
};

}  // namespace ctxpack::sentencepiece

#endif
