#include "sentencepiece/adding.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>

#include "sentencepiece/ulps.hpp"

namespace ctxpack::sentencepiece {
namespace {

constexpr std::size_t kLanes = 16;

}  // namespace

Added add_scores_avx512(float sum, std::span<const WordScores> words, float unknown) {
    if (!Ulps::may_add(sum, words.size())) return add_scores_in_order(sum, words, unknown);
    const Ulps ulps(sum);
    const __m512 rounder = _mm512_set1_ps(ulps.rounder()), half = _mm512_set1_ps(ulps.half());
    const float* const scores = words.front().data();
    const std::size_t count = words.size() * words.front().size();
    __m512i added = _mm512_setzero_si512();
    std::size_t tokens = 0;
    unsigned doubtful = 0, unknowns = 0;
    for (std::size_t i = 0; i < count; i += kLanes) {
        const auto here = static_cast<__mmask16>(0xFFFF >> (kLanes - std::min(kLanes, count - i)));
        const __m512 some = _mm512_maskz_loadu_ps(here, scores + i);
        const __m512 moved = _mm512_add_ps(some, rounder), rest = _mm512_sub_ps(some, _mm512_sub_ps(moved, rounder));
        added = _mm512_add_epi32(added, _mm512_sub_epi32(_mm512_castps_si512(moved), _mm512_castps_si512(rounder)));
        tokens += static_cast<std::size_t>(_mm_popcnt_u32(_mm512_movepi32_mask(_mm512_castps_si512(some))));
        doubtful |= _mm512_cmp_ps_mask(_mm512_abs_ps(rest), _mm512_abs_ps(half), _CMP_EQ_OQ);
        unknowns |= _mm512_cmp_ps_mask(some, _mm512_set1_ps(unknown), _CMP_EQ_OQ);
    }
    const auto all = static_cast<std::uint32_t>(_mm512_reduce_add_epi32(added));
    if (doubtful != 0 || !ulps.stays(all)) return add_scores_in_order(sum, words, unknown);
    return {ulps.after(all), tokens, unknowns != 0};
}

}  // namespace ctxpack::sentencepiece

#endif
