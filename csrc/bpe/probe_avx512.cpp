#include "bpe/probe.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#define CTXPACK_AVX512 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl")))

namespace ctxpack::bpe {
namespace {

constexpr unsigned kSizeByte = 14;
constexpr long long kText = (1ll << 56) - 1;  // of a key's second word: all but the count
constexpr unsigned kSecondWords = 0b10101010;

// Reads nothing behind the piece, so that it needs no room there.
CTXPACK_AVX512 inline __m128i key_of(Bytes p, std::size_t size) {
    const auto text = static_cast<__mmask16>(_bzhi_u32((1 << kShort) - 1, static_cast<unsigned>(size)));
    const std::size_t length = size > kShort ? kShort + 1 : size;
    return _mm_mask_set1_epi8(_mm_maskz_loadu_epi8(text, p), 1 << kSizeByte, static_cast<char>(length));
}

}  // namespace

template <bool slots>
CTXPACK_AVX512 Probed probe_avx512(Block& block, const PieceTable<16>& table, Bytes) {
    const std::size_t filled = block.filled;
    for (std::size_t i = 0; i < filled; ++i) {
        const __m128i key = key_of(block.starts[i], block.size(i));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(&block.keys[i]), key);
        block.hashes[i] = hash_of(ShortKey{{static_cast<std::uint64_t>(_mm_cvtsi128_si64(key)),
                                            static_cast<std::uint64_t>(_mm_extract_epi64(key, 1))}});
        table.prefetch_home(block.hashes[i]);
    }
    const __m512i all_but_count = _mm512_set_epi64(kText, -1, kText, -1, kText, -1, kText, -1);
    __m512i tokens = _mm512_setzero_si512();
    std::size_t rest = 0;
    for (std::size_t i = 0; i < filled; ++i) {
        const std::size_t first = table.set_at(block.hashes[i]);
        const __m512i set = _mm512_load_si512(&table.slot(first));
        const __m512i key = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&block.keys[i])));
        const unsigned same = _mm512_testn_epi64_mask(_mm512_xor_si512(set, key), all_but_count);
        const unsigned found = same & same << 1 & kSecondWords;
        tokens = _mm512_mask_add_epi64(tokens, static_cast<__mmask8>(found), tokens, _mm512_srli_epi64(set, 56));
        if constexpr (slots) block.slots[i] = static_cast<std::uint32_t>(first + _tzcnt_u32(found | 0x80) / 2);
        block.rest[rest] = static_cast<std::uint32_t>(i);
        rest += found == 0;
    }
    return {rest, static_cast<std::size_t>(_mm512_reduce_add_epi64(tokens))};
}

template Probed probe_avx512<true>(Block& block, const PieceTable<16>& table, Bytes end);
template Probed probe_avx512<false>(Block& block, const PieceTable<16>& table, Bytes end);

}  // namespace ctxpack::bpe

#endif
