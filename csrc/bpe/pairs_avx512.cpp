#include "bpe/pairs.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>

namespace ctxpack::bpe {
namespace {

constexpr std::size_t kLanes = 16;                      // tokens
constexpr std::size_t kVectors = 2 * kCopied / kLanes;  // that are copied at once

}  // namespace

// Most runs are short, but how short could not be predicted: so much is copied at once that few take a second step.
CTXPACK_AT_AVX512 std::size_t copy_pairs_avx512(const TokenPair* pairs, std::size_t size, TokenId* to) {
    static_assert(kVectors * kLanes <= 32);
    const TokenId* const start = to;
    const TokenId* from = pairs->data();
    std::size_t left = 2 * size;
    while (true) {
        const std::uint32_t here = _bzhi_u32(~0u, static_cast<unsigned>(std::min<std::size_t>(left, 32)));
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kVectors; ++i) {
            const __m512i tokens = _mm512_loadu_si512(from + i * kLanes);
            const auto within = static_cast<__mmask16>(here >> i * kLanes);
            const __mmask16 found = _mm512_mask_cmpneq_epi32_mask(within, tokens, _mm512_set1_epi32(-1));
            _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(found, tokens));
            to += _mm_popcnt_u32(found);
        }
        if (left <= kVectors * kLanes) break;
        left -= kVectors * kLanes;
        from += kVectors * kLanes;
    }
    return static_cast<std::size_t>(to - start);
}

}  // namespace ctxpack::bpe

#endif
