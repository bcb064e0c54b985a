#include "sentencepiece/splitter.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <array>
#include <bit>

namespace ctxpack::sentencepiece {
namespace {

#define CTXPACK_AVX512 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vbmi,avx512vbmi2")))

constexpr unsigned kLanes = 16;

alignas(64) constexpr auto kPlaces = [] {
    std::array<std::uint8_t, Splitter::kBlock> places{};
    for (unsigned i = 0; i < places.size(); ++i) places[i] = static_cast<std::uint8_t>(i);
    return places;
}();

CTXPACK_AVX512 CTXPACK_INLINE __m512i bits(__m512i bytes, unsigned shift, int mask) {
    return _mm512_and_si512(_mm512_srli_epi32(bytes, shift), _mm512_set1_epi32(mask));
}

// `high` before six further bits.
CTXPACK_AVX512 CTXPACK_INLINE __m512i joined(__m512i high, __m512i low) {
    return _mm512_or_si512(_mm512_slli_epi32(high, 6), low);
}

// The code points of the characters that the bytes of each lane begin with.
CTXPACK_AVX512 CTXPACK_INLINE __m512i points_of(__m512i bytes) {
    const __m512i lead = bits(bytes, 0, 0xFF);
    const __m512i second = bits(bytes, 8, 0x3F), third = bits(bytes, 16, 0x3F), fourth = bits(bytes, 24, 0x3F);
    const __m512i two = joined(bits(bytes, 0, 0x1F), second);
    const __m512i three = joined(joined(bits(bytes, 0, 0x0F), second), third);
    const __m512i four = joined(joined(joined(bits(bytes, 0, 0x07), second), third), fourth);
    __m512i points = _mm512_mask_mov_epi32(lead, _mm512_cmpge_epi32_mask(lead, _mm512_set1_epi32(0xC0)), two);
    points = _mm512_mask_mov_epi32(points, _mm512_cmpge_epi32_mask(lead, _mm512_set1_epi32(0xE0)), three);
    return _mm512_mask_mov_epi32(points, _mm512_cmpge_epi32_mask(lead, _mm512_set1_epi32(0xF0)), four);
}

}  // namespace

// Sixteen neighbours at a time.
CTXPACK_AVX512 std::uint64_t Splitter::mixed_starts_avx512(Bytes p) const {
    const __m512i text = _mm512_loadu_si512(p);
    std::uint64_t leads = _mm512_cmpge_epi8_mask(text, _mm512_set1_epi8(static_cast<char>(0xC0)));
    __m512i before = _mm512_set1_epi32(static_cast<int>(point_before(p + std::countr_zero(leads))));
    alignas(64) std::uint8_t places[kBlock];
    _mm512_store_si512(places, _mm512_maskz_compress_epi8(leads, _mm512_load_si512(kPlaces.data())));
    std::uint64_t found = 0;
    for (std::size_t i = 0; leads != 0; i += kLanes) {
        const __m512i at = _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(places + i)));
        const __m512i right = points_of(_mm512_i32gather_epi32(at, p, 1));
        const __m512i left = _mm512_alignr_epi32(right, before, kLanes - 1);
        const __m512i sum = _mm512_add_epi32(_mm512_mullo_epi32(left, _mm512_set1_epi32(static_cast<int>(kLeft))),
                                             _mm512_mullo_epi32(right, _mm512_set1_epi32(static_cast<int>(kRight))));
        const __m512i pairs = _mm512_srli_epi32(sum, 32 - kPairBits);
        const __m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(pairs, 5), pairs_.data(), 4);
        const __m512i bits = _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(pairs, _mm512_set1_epi32(31)));
        const __mmask16 apart = _mm512_testn_epi32_mask(words, bits);
        found |= _pdep_u64(apart, leads);
        leads &= ~_pdep_u64((1 << kLanes) - 1, leads);
        before = right;
    }
    return found;
}

}  // namespace ctxpack::sentencepiece

#endif
