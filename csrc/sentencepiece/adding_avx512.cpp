#include "sentencepiece/adding.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstdint>

namespace ctxpack::sentencepiece {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::uint32_t kExponent = 0x00800000, kSignExponent = 0xFF800000, kMiddle = 0x00400000;
// From here on a score is at most a quarter of the power of two below the sum, and blocks of words do not overflow.
constexpr float kLeastSum = 2'048.0F;
constexpr std::size_t kMostWords = 1'024;

}  // namespace

// The floats between two powers of two are multiples of one step. As long as the sum stays there, adding a score is
// adding what that is rounded to by steps, unless it lies half-way between two. Those are added in any order.
Added add_scores_avx512(float sum, std::span<const WordScores> words, float unknown) {
    if (!(sum < -kLeastSum) || words.size() > kMostWords) return add_scores_in_order(sum, words, unknown);
    const auto before = std::bit_cast<std::uint32_t>(sum), middle = (before & kSignExponent) | kMiddle;
    const __m512i base = _mm512_set1_epi32(static_cast<int>(middle));
    const __m512 rounder = _mm512_castsi512_ps(base);
    // Below zero, as the scores are.
    const __m512 half = _mm512_castsi512_ps(_mm512_set1_epi32(static_cast<int>((middle ^ kMiddle) - 24 * kExponent)));
    const float* const scores = words.front().data();
    const std::size_t count = words.size() * words.front().size();
    __m512i steps = _mm512_setzero_si512();
    std::size_t tokens = 0;
    unsigned doubtful = 0, unknowns = 0;
    for (std::size_t i = 0; i < count; i += kLanes) {
        const auto here = static_cast<__mmask16>(0xFFFF >> (kLanes - std::min(kLanes, count - i)));
        const __m512 added = _mm512_maskz_loadu_ps(here, scores + i);
        const __m512 moved = _mm512_add_ps(added, rounder), rest = _mm512_sub_ps(added, _mm512_sub_ps(moved, rounder));
        steps = _mm512_add_epi32(steps, _mm512_sub_epi32(_mm512_castps_si512(moved), base));
        tokens += static_cast<std::size_t>(_mm_popcnt_u32(_mm512_movepi32_mask(_mm512_castps_si512(added))));
        doubtful |= _mm512_cmp_ps_mask(_mm512_abs_ps(rest), _mm512_abs_ps(half), _CMP_EQ_OQ);
        unknowns |= _mm512_cmp_ps_mask(added, _mm512_set1_ps(unknown), _CMP_EQ_OQ);
    }
    const std::uint32_t behind = before + static_cast<std::uint32_t>(_mm512_reduce_add_epi32(steps));
    if (doubtful != 0 || ((before ^ behind) & kSignExponent) != 0) return add_scores_in_order(sum, words, unknown);
    return {std::bit_cast<float>(behind), tokens, unknowns != 0};
}

}  // namespace ctxpack::sentencepiece

#endif
