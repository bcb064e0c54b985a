#include "sentencepiece/adding.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include "sentencepiece/ulps.hpp"

namespace ctxpack::sentencepiece {
namespace {

constexpr std::size_t kLanes = 8;

CTXPACK_AT_AVX2 CTXPACK_INLINE unsigned bits_of(__m256 lanes) {
    return static_cast<unsigned>(_mm256_movemask_ps(lanes));
}

CTXPACK_AT_AVX2 CTXPACK_INLINE std::uint32_t sum_of(__m256i lanes) {
    std::array<std::uint32_t, kLanes> each;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(each.data()), lanes);
    std::uint32_t sum = 0;
    for (const std::uint32_t one : each) sum += one;
    return sum;
}

// Up to kLanes of the scores, and zeros.
CTXPACK_AT_AVX2 CTXPACK_INLINE __m256 load(const float* scores, std::size_t left) {
    static_assert(2 * WordScores{}.size() == kLanes);
    return left >= kLanes ? _mm256_loadu_ps(scores) : _mm256_zextps128_ps256(_mm_loadu_ps(scores));
}

}  // namespace

Added add_scores_avx2(float sum, std::span<const WordScores> words, float unknown) {
    if (!Ulps::may_add(sum, words.size())) return add_scores_in_order(sum, words, unknown);
    const Ulps ulps(sum);
    const __m256 rounder = _mm256_set1_ps(ulps.rounder()), half = _mm256_set1_ps(ulps.half());
    const __m256 sign = _mm256_set1_ps(-0.0F), wanted = _mm256_set1_ps(unknown);
    const float* const scores = words.front().data();
    const std::size_t count = words.size() * words.front().size();
    __m256i added = _mm256_setzero_si256();
    std::size_t tokens = 0;
    unsigned doubtful = 0, unknowns = 0;
    for (std::size_t i = 0; i < count; i += kLanes) {
        const __m256 some = load(scores + i, count - i);
        const __m256 moved = _mm256_add_ps(some, rounder), rest = _mm256_sub_ps(some, _mm256_sub_ps(moved, rounder));
        added = _mm256_add_epi32(added, _mm256_sub_epi32(_mm256_castps_si256(moved), _mm256_castps_si256(rounder)));
        tokens += static_cast<std::size_t>(_mm_popcnt_u32(bits_of(some)));
        doubtful |= bits_of(_mm256_cmp_ps(_mm256_or_ps(rest, sign), half, _CMP_EQ_OQ));
        unknowns |= bits_of(_mm256_cmp_ps(some, wanted, _CMP_EQ_OQ));
    }
    const std::uint32_t all = sum_of(added);
    if (doubtful != 0 || !ulps.stays(all)) return add_scores_in_order(sum, words, unknown);
    return {ulps.after(all), tokens, unknowns != 0};
}

}  // namespace ctxpack::sentencepiece

#endif
