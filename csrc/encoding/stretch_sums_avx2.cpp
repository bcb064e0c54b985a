#include "encoding/stretch_sums.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>

namespace ctxpack {
namespace {

constexpr std::size_t kPair = sizeof(__m128i);  // bytes of two words

// The carry-less product of two words.
CTXPACK_AT_AVX2 CTXPACK_INLINE __m128i product(__m128i text, const std::uint64_t* key) {
    const __m128i words = _mm_xor_si128(text, _mm_load_si128(reinterpret_cast<const __m128i*>(key)));
    return _mm_clmulepi64_si128(words, words, 0x10);
}

CTXPACK_AT_AVX2 CTXPACK_INLINE Uint128 to_uint128(__m128i sum) {
    return {static_cast<std::uint64_t>(_mm_cvtsi128_si64(sum)), static_cast<std::uint64_t>(_mm_extract_epi64(sum, 1))};
}

}  // namespace

CTXPACK_AT_AVX2 Sums sums_avx2(std::string_view text, const SumKey& key) {
    __m128i first = _mm_setzero_si128(), second = _mm_setzero_si128();
    const auto add = [&](const char* block, std::size_t at) CTXPACK_AT_AVX2 {
        for (std::size_t i = 0; i < kSumBytes; i += kPair) {
            const __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
            const std::uint64_t* const here = &key.words[(at + i) / 8];
            first = _mm_xor_si128(first, product(words, here));
            second = _mm_xor_si128(second, product(words, here + SumKey::kShift));
        }
    };
    std::size_t at = 0;
    for (; text.size() - at >= kSumBytes; at += kSumBytes) add(text.data() + at, at);
    if (at < text.size()) {
        char rest[kSumBytes] = {};
        std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), rest);
        add(rest, at);
    }
    return {to_uint128(first), to_uint128(second)};
}

}  // namespace ctxpack

#endif
