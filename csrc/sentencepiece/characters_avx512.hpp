// What cutting text with AVX-512 needs: code points, and what tables say of sixteen at once.
#pragma once

#include "cpu/avx512.hpp"
#include "sentencepiece/places_avx512.hpp"
#include "sentencepiece/splitter.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <array>
#include <bit>

namespace ctxpack::sentencepiece {

inline constexpr unsigned kLanes = 16;

using WindowBytes = std::array<std::uint8_t, Splitter::kWindow>;

CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i at(Bytes p, std::size_t i) { return _mm512_loadu_si512(p + i); }

// Where characters start.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t leads(__m512i bytes) {
    return _mm512_cmpge_epi8_mask(bytes, _mm512_set1_epi8(static_cast<char>(0xC0)));
}

// Whether characters have two bytes or more on average.
CTXPACK_AT_AVX512 inline bool is_mostly_non_ascii(Bytes p, std::size_t size) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < size; i += Splitter::kWindow) {
        characters += static_cast<std::size_t>(std::popcount(leads(at(p, i)) & Splitter::wanted(size - i, false)));
    }
    return 2 * characters <= size;
}

// The code points of sixteen characters of a window that start at the given places; `after` are the bytes after it.
// Their bytes without what tells how many they are become one number, shifted to the right by those that four bytes
// would have.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i points_at(__m512i window, __m512i after, __m512i places) {
    const __m512i masks = _mm512_setr_epi32(0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0, 0, 0, 0, 0x3F1F, 0x3F1F,
                                            0x3F3F0F, 0x3F3F3F07);
    const __m512i missing = _mm512_setr_epi32(18, 18, 18, 18, 18, 18, 18, 18, 0, 0, 0, 0, 12, 12, 6, 0);
    const __m512i copies = _mm512_set4_epi32(0x0C0C0C0C, 0x08080808, 0x04040404, 0);
    const __m512i four = _mm512_add_epi8(_mm512_shuffle_epi8(places, copies), cpu::broadcast(0x03020100));
    const __m512i bytes = _mm512_permutex2var_epi8(window, four, after);
    const __m512i kind = _mm512_srli_epi32(bytes, 4);  // of which four bits count
    const __m512i bits = _mm512_and_si512(bytes, _mm512_permutexvar_epi32(kind, masks));
    const __m512i halves = _mm512_maddubs_epi16(bits, _mm512_set1_epi16(1 << 8 | 1 << 6));
    const __m512i whole = _mm512_madd_epi16(halves, cpu::broadcast(1 << 16 | 1 << 12));
    return _mm512_srlv_epi32(whole, _mm512_permutexvar_epi32(kind, missing));
}

// The words at sixteen places, of which the first `count` matter.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i words_at(const std::vector<std::uint32_t>& words, __m512i places,
                                                  unsigned count) {
    const Places each(places);
    const std::uint32_t* const from = words.data();
    const __m256i low = _mm256_set_m128i(each.words(from, 4), each.words(from, 0));
    if (count <= kLanes / 2) return _mm512_castsi256_si512(low);
    const __m256i high = _mm256_set_m128i(each.words(from, 12), each.words(from, 8));
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

// The bits of a map at sixteen places.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t bits_at(const std::vector<std::uint32_t>& map, __m512i places,
                                                       unsigned count) {
    const __m512i words = words_at(map, _mm512_srli_epi32(places, 5), count);
    const __m512i bits = _mm512_sllv_epi32(cpu::broadcast(1), _mm512_and_si512(places, cpu::broadcast(31)));
    return _mm512_test_epi32_mask(words, bits);
}

// The flags of sixteen hashes, and others above them.
template <unsigned kWidth, unsigned kBits>
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i flags_at(const FlagTable<kWidth, kBits>& table, __m512i hashes,
                                                  unsigned count) {
    using Table = FlagTable<kWidth, kBits>;
    constexpr unsigned kPerWord = Table::kPerWord;
    const __m512i at = _mm512_srli_epi32(hashes, Table::kShift);
    const __m512i words = words_at(table.words(), _mm512_srli_epi32(at, std::countr_zero(kPerWord)), count);
    const __m512i within = _mm512_and_si512(at, cpu::broadcast(kPerWord - 1));
    return _mm512_srlv_epi32(words, _mm512_slli_epi32(within, std::countr_zero(kWidth)));
}

CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t with_flag(__m512i flags, unsigned flag) {
    return _mm512_test_epi32_mask(flags, cpu::broadcast(flag));
}

CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i times(__m512i numbers, std::uint32_t factor) {
    return _mm512_mullo_epi32(numbers, cpu::broadcast(factor));
}

}  // namespace ctxpack::sentencepiece

#endif
