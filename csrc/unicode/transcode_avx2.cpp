#include "unicode/transcode.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

namespace ctxpack::unicode {
namespace {

constexpr std::ptrdiff_t kAscii = 16;  // characters that are looked at together for whether all are ASCII
constexpr std::ptrdiff_t kLanes = 8;   // for whether all have three bytes

CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i every(std::uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); }
CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i load(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}
CTXPACK_AT_AVX2 CTXPACK_INLINE __m128i load_half(const void* p) {
    return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

CTXPACK_AT_AVX2 CTXPACK_INLINE bool all_ascii(const std::uint8_t* p) { return _mm_movemask_epi8(load_half(p)) == 0; }
CTXPACK_AT_AVX2 CTXPACK_INLINE bool all_ascii(const std::uint16_t* p) {
    return _mm256_testz_si256(load(p), every(0xFF80FF80)) != 0;
}
CTXPACK_AT_AVX2 CTXPACK_INLINE bool all_ascii(const std::uint32_t* p) {
    return _mm256_testz_si256(_mm256_or_si256(load(p), load(p + kLanes)), every(0xFFFFFF80)) != 0;
}

// Of kAscii characters that are ASCII.
CTXPACK_AT_AVX2 CTXPACK_INLINE __m128i narrow(const std::uint8_t* p) { return load_half(p); }
CTXPACK_AT_AVX2 CTXPACK_INLINE __m128i narrow(const std::uint16_t* p) {
    return _mm_packus_epi16(load_half(p), load_half(p + kLanes));
}
CTXPACK_AT_AVX2 CTXPACK_INLINE __m128i narrow(const std::uint32_t* p) {
    constexpr std::ptrdiff_t kFour = kLanes / 2;
    return _mm_packus_epi16(_mm_packus_epi32(load_half(p), load_half(p + kFour)),
                            _mm_packus_epi32(load_half(p + kLanes), load_half(p + kLanes + kFour)));
}

CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i points_at(const std::uint8_t* p) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
}
CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i points_at(const std::uint16_t* p) { return _mm256_cvtepu16_epi32(load_half(p)); }
CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i points_at(const std::uint32_t* p) { return load(p); }

// Code points fit into numbers with a sign.
CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i from(__m256i points, std::uint32_t least) {
    return _mm256_cmpgt_epi32(points, every(least - 1));
}
CTXPACK_AT_AVX2 CTXPACK_INLINE bool have_three_bytes(__m256i points) {
    const __m256i surrogates = _mm256_andnot_si256(from(points, 0xE000), from(points, 0xD800));
    const __m256i others = _mm256_or_si256(from(points, 0x10000), surrogates);
    return _mm256_movemask_epi8(_mm256_andnot_si256(others, from(points, 0x800))) == -1;
}

CTXPACK_AT_AVX2 CTXPACK_INLINE void write_three_bytes(__m256i points, std::uint8_t* to) {
    const __m256i second = _mm256_slli_epi32(_mm256_and_si256(points, every(0xFC0)), 2);
    const __m256i third = _mm256_slli_epi32(_mm256_and_si256(points, every(0x3F)), 16);
    const __m256i ahead = _mm256_or_si256(_mm256_srli_epi32(points, 12), second);
    const __m256i bytes = _mm256_or_si256(_mm256_or_si256(ahead, third), every(0x8080E0));
    const __m128i order = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const __m128i first = _mm_shuffle_epi8(_mm256_castsi256_si128(bytes), order);
    const __m128i last = _mm_shuffle_epi8(_mm256_extracti128_si256(bytes, 1), order);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), first);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 12), last);
}

}  // namespace

// Takes several characters at a time where all are ASCII or all have three bytes: then it is known ahead where the next
// ones go.
template <class Unit>
CTXPACK_AT_AVX2 std::uint8_t* transcode_avx2(const Unit* p, const Unit* end, std::uint8_t* to) {
    while (end - p >= kAscii) {
        if (all_ascii(p)) {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to), narrow(p));
            p += kAscii;
            to += kAscii;
        } else if (const __m256i points = points_at(p); have_three_bytes(points)) {
            write_three_bytes(points, to);
            p += kLanes;
            to += 3 * kLanes;
        } else {
            to = transcode_portable(p, p + kLanes, to);
            if (to == nullptr) return nullptr;
            p += kLanes;
        }
    }
    return transcode_portable(p, end, to);
}

template std::uint8_t* transcode_avx2(const std::uint8_t* p, const std::uint8_t* end, std::uint8_t* to);
template std::uint8_t* transcode_avx2(const std::uint16_t* p, const std::uint16_t* end, std::uint8_t* to);
template std::uint8_t* transcode_avx2(const std::uint32_t* p, const std::uint32_t* end, std::uint8_t* to);

}  // namespace ctxpack::unicode

#endif
