#include "bpe/probe.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#define CTXPACK_AVX512 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl")))

namespace ctxpack::bpe {
namespace {

constexpr unsigned kSizeByte = 14;
constexpr __mmask16 kAllButCount = 0x7FFF;

// Reads nothing behind the piece, so that it needs no room there.
CTXPACK_AVX512 inline __m128i key_of(Bytes p, std::size_t size) {
    const auto text = static_cast<__mmask16>(_bzhi_u32((1 << kShort) - 1, static_cast<unsigned>(size)));
    const std::size_t length = size > kShort ? kShort + 1 : size;
    return _mm_mask_set1_epi8(_mm_maskz_loadu_epi8(text, p), 1 << kSizeByte, static_cast<char>(length));
}

}  // namespace

CTXPACK_AVX512 Probed probe_avx512(Block& block, const PieceTable<16>& table, Bytes) {
    const std::size_t filled = block.filled;
    for (std::size_t i = 0; i < filled; ++i) {
        const __m128i key = key_of(block.starts[i], block.size(i));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(&block.keys[i]), key);
        block.hashes[i] = hash_of(ShortKey{{static_cast<std::uint64_t>(_mm_cvtsi128_si64(key)),
                                            static_cast<std::uint64_t>(_mm_extract_epi64(key, 1))}});
        table.prefetch_home(block.hashes[i]);
    }
    Probed probed{};
    for (std::size_t i = 0; i < filled; ++i) {
        const std::size_t home = table.home(block.hashes[i]);
        const __m128i key = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&block.keys[i]));
        const __m128i slot = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&table.slot(home)));
        const unsigned found = _mm_mask_cmpneq_epi8_mask(kAllButCount, key, slot) == 0;
        block.rest[probed.rest] = static_cast<std::uint32_t>(i);
        probed.rest += 1 - found;
        probed.tokens += table.count(home) & (0u - found);
    }
    return probed;
}

}  // namespace ctxpack::bpe

#endif
