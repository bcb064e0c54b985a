#include "unicode/transcode.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>
#include <bit>

#include "cpu/avx512.hpp"

namespace ctxpack::unicode {
namespace {

using cpu::broadcast;

constexpr std::ptrdiff_t kLanes = 16;
constexpr std::ptrdiff_t kAscii = 64;  // characters that are looked at together for where ASCII ends

// Which of kAscii characters are not ASCII.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t non_ascii_at(const std::uint8_t* p) {
    return _mm512_movepi8_mask(_mm512_loadu_si512(p));
}
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t non_ascii_at(const std::uint16_t* p) {
    constexpr std::ptrdiff_t kHalf = kAscii / 2;
    const __m512i beyond = broadcast(0xFF80FF80);
    const std::uint64_t first = _mm512_test_epi16_mask(_mm512_loadu_si512(p), beyond);
    const std::uint64_t second = _mm512_test_epi16_mask(_mm512_loadu_si512(p + kHalf), beyond);
    return first | second << kHalf;
}
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t non_ascii_at(const std::uint32_t* p) {
    std::uint64_t others = 0;
    for (std::ptrdiff_t i = 0; i < kAscii; i += kLanes) {
        const std::uint64_t some = _mm512_test_epi32_mask(_mm512_loadu_si512(p + i), broadcast(0xFFFFFF80));
        others |= some << i;
    }
    return others;
}

// Writes the low bytes of kAscii characters.
CTXPACK_AT_AVX512 CTXPACK_INLINE void narrow(const std::uint8_t* p, std::uint8_t* to) {
    _mm512_storeu_si512(to, _mm512_loadu_si512(p));
}
CTXPACK_AT_AVX512 CTXPACK_INLINE void narrow(const std::uint16_t* p, std::uint8_t* to) {
    constexpr std::ptrdiff_t kHalf = kAscii / 2;
    for (std::ptrdiff_t i = 0; i < kAscii; i += kHalf) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm512_cvtepi16_epi8(_mm512_loadu_si512(p + i)));
    }
}
CTXPACK_AT_AVX512 CTXPACK_INLINE void narrow(const std::uint32_t* p, std::uint8_t* to) {
    for (std::ptrdiff_t i = 0; i < kAscii; i += kLanes) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm512_cvtepi32_epi8(_mm512_loadu_si512(p + i)));
    }
}

CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i points_at(const std::uint8_t* p, __mmask16 wanted) {
    return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(wanted, p));
}
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i points_at(const std::uint16_t* p, __mmask16 wanted) {
    return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(wanted, p));
}
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i points_at(const std::uint32_t* p, __mmask16 wanted) {
    return _mm512_maskz_loadu_epi32(wanted, p);
}

// Sixteen characters as four bytes each: what is in them from bit 18, 12, 6 and 0 on.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i spread(__m512i points) {
    return _mm512_multishift_epi64_epi8(_mm512_set1_epi64(0x20262C3200060C12), points);
}

}  // namespace

// Sixteen characters become four bytes each, those they have no use for being squeezed out.
template <class Unit>
CTXPACK_AT_AVX512 std::uint8_t* transcode_avx512(const Unit* p, const Unit* end, std::uint8_t* to) {
    while (p < end) {
        if (end - p >= kAscii) {
            const int ascii = std::countr_zero(non_ascii_at(p));
            if (ascii > 0) narrow(p, to);
            p += ascii;
            to += ascii;
            if (ascii == kAscii) continue;
        }
        const std::ptrdiff_t taken = std::min(end - p, kLanes);
        const auto wanted = static_cast<__mmask16>(_bzhi_u32(0xFFFF, static_cast<unsigned>(taken)));
        const __m512i points = points_at(p, wanted);
        if (_mm512_cmpeq_epi32_mask(_mm512_and_si512(points, broadcast(0xFFFFF800)), broadcast(0xD800)) != 0)
            return nullptr;
        // The bytes that a character has no use for have no bits.
        const __mmask16 ascii = _mm512_cmplt_epu32_mask(points, broadcast(0x80));
        const __mmask16 three = _mm512_cmpge_epu32_mask(points, broadcast(0x800));
        const __mmask16 four = _mm512_cmpge_epu32_mask(points, broadcast(0x10000));
        __m512i marks = _mm512_mask_mov_epi32(broadcast(0x80C00000), three, broadcast(0x8080E000));
        if constexpr (sizeof(Unit) == 4) marks = _mm512_mask_mov_epi32(marks, four, broadcast(0x808080F0));
        __m512i bytes = _mm512_or_si512(_mm512_and_si512(spread(points), broadcast(0x3F3F3F3F)), marks);
        bytes = _mm512_mask_slli_epi32(bytes, ascii, points, 24);
        const std::uint64_t last = 0x8888888888888888;
        const std::uint64_t kept = _bzhi_u64(_mm512_movepi8_mask(bytes) | last, static_cast<unsigned>(4 * taken));
        _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(kept, bytes));
        to += std::popcount(kept);
        p += taken;
    }
    return to;
}

template std::uint8_t* transcode_avx512(const std::uint8_t* p, const std::uint8_t* end, std::uint8_t* to);
template std::uint8_t* transcode_avx512(const std::uint16_t* p, const std::uint16_t* end, std::uint8_t* to);
template std::uint8_t* transcode_avx512(const std::uint32_t* p, const std::uint32_t* end, std::uint8_t* to);

}  // namespace ctxpack::unicode

#endif
