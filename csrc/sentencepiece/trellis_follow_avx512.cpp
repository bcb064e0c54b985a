// Following the best ways through a block, in eight segments of it side by side where that is exact.
//
// The floats between two powers of two are multiples of one ulp; compare Ulps. While all sums stay between the same
// powers, a start that is an even number of ulps off leaves all sums off by as much and all choices as they are: what
// is added to a sum is rounded alike, also if it lies half-way, as the even neighbour of a sum goes with it. A way that
// leaves the powers is worse than the one by single characters, which stays, so that it is chosen from neither start.
// So the segments are followed from sums that are guessed, an even and an odd one, before the true ones are known.
#include "sentencepiece/trellis.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "cpu/avx512.hpp"

namespace ctxpack::sentencepiece {
namespace {

constexpr float kNone = CharacterTrie::kNoScore;
// A sum that is nearer to zero is not subtracted, however a block is rounded.
constexpr double kSafe = 99'990.0;
// What all rounding in a segment comes to is less.
constexpr float kRounding = 10.0F;
// Nearer to zero a segment hardly stays between two powers of two.
constexpr float kLeastSum = 2'048.0F;
// How much of what characters score by themselves the best way scores, roughly.
constexpr float kShare = 0.7F;
constexpr unsigned kExponent = 23;

// Between which powers of two a sum is, with its sign.
std::uint32_t powers(float sum) { return std::bit_cast<std::uint32_t>(sum) >> kExponent; }

// Whether two sums stay between the same powers when they fall and rise as far.
bool stay_alike(float a, float b, float fall, float rise) {
    const std::uint32_t lowest = powers(a + fall);
    return lowest == powers(a + rise) && lowest == powers(b + fall) && lowest == powers(b + rise);
}

}  // namespace

// The best way to a character and how many tokens it has. In vectors, for what is chosen could not be predicted.
struct Trellis::Way {
    __m128 sum;
    __m128i tokens;

    // The one before, if a new one is no better.
    CTXPACK_AT_AVX512 CTXPACK_INLINE static Way better(const Way& before, const Way& next) {
        const __m128 wins = _mm_cmplt_ps(before.sum, next.sum);
        return {_mm_max_ps(next.sum, before.sum),
                _mm_castps_si128(_mm_blendv_ps(_mm_castsi128_ps(before.tokens), _mm_castsi128_ps(next.tokens), wins))};
    }
    // With one piece more. Reads what is after its score, too, for nothing.
    CTXPACK_AT_AVX512 CTXPACK_INLINE Way with(const float* score, __m128i added) const {
        return {_mm_add_ps(sum, _mm_loadu_ps(score)), _mm_add_epi32(tokens, added)};
    }
};

// The same of all segments, from even sums and, in the upper half, from odd ones; scores are those of a row.
struct Trellis::Ways {
    __m512 sums;
    __m512i tokens;

    CTXPACK_AT_AVX512 static Ways none() { return {_mm512_set1_ps(kNone), _mm512_setzero_si512()}; }
    CTXPACK_AT_AVX512 CTXPACK_INLINE static Ways better(const Ways& before, const Ways& next) {
        const __mmask16 wins = _mm512_cmp_ps_mask(before.sums, next.sums, _CMP_LT_OQ);
        return {_mm512_max_ps(next.sums, before.sums), _mm512_mask_mov_epi32(before.tokens, wins, next.tokens)};
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m512 with(const float* scores) const {
        return _mm512_add_ps(
            sums, _mm512_castpd_ps(_mm512_broadcast_f64x4(_mm256_loadu_pd(reinterpret_cast<const double*>(scores)))));
    }
};

// Follows the best ways to all characters; moves the sum and returns how many tokens that are. As in the reference, of
// ways that are as good the one whose last piece starts first is taken.
CTXPACK_AT_AVX512 std::size_t Trellis::follow(float& sum) {
    if (!is_safe(sum)) return follow_subtracting(sum);
    if (std::fabs(sum) < kLeastSum || !cut()) return follow_part(0, count_, sum);
    follow_segments(sum);
    return join(sum);
}

// Whether no sum can be so far from zero that the reference subtracts it. A best way is no worse than that of the
// characters by themselves.
bool Trellis::is_safe(float sum) const {
    const double rise = scores_.weights().highest() * count_;
    const double alone = std::accumulate(alone_.begin(), alone_.end(), 0.0);
    return static_cast<double>(sum) + alone > -kSafe && static_cast<double>(sum) + rise < kSafe;
}

// Finds where the segments start: not far from where each would if all had as many characters, and where no piece
// reaches across. False where there is no such place.
CTXPACK_AT_AVX512 bool Trellis::cut() {
    const unsigned rows = std::min(rows_, kLongest);
    unsigned left = (1U << kSegments) - 2;
    cuts_[0] = 0;
    starting_[0] = 1;
    starting_[1] = 0;
    for (unsigned row = 2; left != 0; ++row) {
        if (row == rows) return false;
        starting_[row] = 0;
        const unsigned reached = pairs_[row - 1] | triples_[row - 1] | triples_[row - 2];
        for (unsigned free = left & ~reached; free != 0; free &= free - 1) {
            const auto segment = static_cast<unsigned>(std::countr_zero(free));
            if (is_in_longer(segment * rows_ + row)) continue;
            cuts_[segment] = row;
            starting_[row] |= static_cast<std::uint8_t>(1U << segment);
            last_cut_ = row;
        }
        left &= ~starting_[row];
    }
    return count_ > (kSegments - 1) * rows_ + cuts_[kSegments - 1];
}

// The best ways of segments whose last piece ends in a row and has one of these lengths.
CTXPACK_AT_AVX512 CTXPACK_INLINE Trellis::Ways Trellis::longer(unsigned row, unsigned lengths) const {
    Ways best = Ways::none();
    while (lengths != 0) {
        const auto k = static_cast<unsigned>(std::bit_width(lengths)) - 1, size = kUsual + 1 + k, start = row - size;
        lengths ^= 1U << k;
        const Ways before{_mm512_load_ps(&segment_sums_[start * kLanes]),
                          _mm512_load_si512(&segment_counts_[start * kLanes])};
        best = Ways::better(best, {before.with(&scores_of_[size - 1][first_in(start)]),
                                   _mm512_add_epi32(before.tokens, cpu::broadcast(1))});
    }
    return best;
}

// Guesses what sums the segments start from.
void Trellis::guess(float sum) {
    for (unsigned k = 0; k < kSegments; ++k) {
        const auto guessed = std::bit_cast<std::uint32_t>(sum);
        from_[k] = std::bit_cast<float>(guessed & ~1U);
        from_[k + kSegments] = std::bit_cast<float>(guessed | 1);
        sum += kShare * alone_[k];
    }
}

// Where a row of all segments is. After its own rows a segment has the first ones of the next.
unsigned Trellis::first_in(unsigned row) const { return row < rows_ ? row * kSegments : (row - rows_) * kSegments + 1; }

// Which lengths of pieces of more than kUsual characters come to an end before a row.
unsigned Trellis::lengths_before(unsigned row) const {
    return row < rows_ ? lengths_[row] : lengths_[row] | lengths_[row - rows_];
}

CTXPACK_AT_AVX512 CTXPACK_INLINE void Trellis::keep(unsigned row, const Ways& ways) {
    _mm512_store_ps(&segment_sums_[row * kLanes], ways.sums);
    _mm512_store_si512(&segment_counts_[row * kLanes], ways.tokens);
}

// Follows the best ways of all segments, each to the last place where any ends.
CTXPACK_AT_AVX512 void Trellis::follow_segments(float sum) {
    guess(sum);
    const __m512i a_token = cpu::broadcast(1);
    const __m512 from = _mm512_load_ps(from_.data());
    Ways last = Ways::none(), two = last, three = last, next_three = last;
    for (unsigned row = 0; row < rows_ + last_cut_; ++row) {
        if (row <= last_cut_) {
            const unsigned starting = starting_[row] * (1U << kSegments | 1);
            last.sums = _mm512_mask_mov_ps(last.sums, static_cast<__mmask16>(starting), from);
            last.tokens = _mm512_maskz_mov_epi32(static_cast<__mmask16>(~starting), last.tokens);
        }
        keep(row, last);
        const unsigned i = first_in(row);
        Ways best = Ways::better(three, two);
        if (const unsigned lengths = lengths_before(row + 1); lengths != 0) [[unlikely]]
            best = Ways::better(longer(row + 1, lengths), best);
        const __m512i after = _mm512_add_epi32(last.tokens, a_token);
        const __m512i tokens =
            _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(&tokens_[i])));
        three = next_three;
        two = {last.with(&scores_of_[1][i]), after};
        next_three = {last.with(&scores_of_[2][i]), after};
        last = Ways::better(best, {last.with(&scores_of_[0][i]), _mm512_add_epi32(last.tokens, tokens)});
    }
    keep(rows_ + last_cut_, last);
}

// Adds up what the segments come to; follows those by themselves for which that cannot be told from the sum that was
// guessed.
CTXPACK_AT_AVX512 std::size_t Trellis::join(float& sum) {
    std::size_t tokens = 0;
    const auto highest = static_cast<float>(scores_.weights().highest());
    for (unsigned k = 0; k < kSegments; ++k) {
        const bool is_last = k == kSegments - 1;
        const unsigned begin = k * rows_ + cuts_[k], end = is_last ? count_ : (k + 1) * rows_ + cuts_[k + 1];
        const unsigned lane = k + (std::bit_cast<std::uint32_t>(sum) & 1) * kSegments;
        const float fall = alone_[k] + (is_last ? 0 : alone_[k + 1]) - kRounding;
        const float rise = highest * static_cast<float>(end - begin) + kRounding, from = from_[lane];
        if (stay_alike(sum, from, fall, rise)) {
            const std::size_t last = (end - k * rows_) * kLanes + lane;
            sum += segment_sums_[last] - from;
            tokens += segment_counts_[last];
        } else {
            tokens += follow_part(begin, end, sum);
        }
    }
    return tokens;
}

// Does the same from one place to another alone.
CTXPACK_AT_AVX512 std::size_t Trellis::follow_part(unsigned begin, unsigned end, float& sum) {
    const __m128i a_token = _mm_cvtsi32_si128(1);
    const Way none{_mm_set_ss(kNone), _mm_setzero_si128()};
    Way last{_mm_set_ss(sum), _mm_setzero_si128()}, two = none, three = none, next_three = none;
    sums_[begin] = sum;
    counts_[begin] = 0;
    for (unsigned i = begin, k = in_rows(begin); i < end; ++i) {
        Way best = Way::better(three, two);
        if (ending_[i + 1] != 0) [[unlikely]]
            best = Way::better(longer(i + 1), best);
        const __m128i tokens = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&tokens_[k]));
        three = next_three;
        next_three = last.with(&scores_of_[2][k], a_token);
        two = last.with(&scores_of_[1][k], a_token);
        last = Way::better(best, last.with(&scores_of_[0][k], tokens));
        _mm_store_ss(&sums_[i + 1], last.sum);
        _mm_storeu_si32(&counts_[i + 1], last.tokens);
        k += kSegments;
        if (k >= rows_ * kSegments) k -= rows_ * kSegments - 1;
    }
    sum = sums_[end];
    return counts_[end];
}

// Does the same where the reference may subtract a sum: step by step as it does, from one character to all that follow.
std::size_t Trellis::follow_subtracting(float& sum) {
    std::fill_n(sums_.begin(), count_ + 1, kNone);
    sums_[0] = sum;
    counts_[0] = 0;
    unsigned frontier = 0;
    for (unsigned i = 0; i < count_; ++i) {
        if (const float before = sums_[i]; std::fabs(before) > kLargestSum) {
            for (unsigned k = i; k <= frontier; ++k) sums_[k] -= before;
        }
        const auto offer = [&](unsigned size, float score, std::uint32_t tokens) {
            const float reached = score + sums_[i];
            if (!(reached > sums_[i + size])) return;
            sums_[i + size] = reached;
            counts_[i + size] = counts_[i] + tokens;
            frontier = std::max(frontier, i + size);
        };
        offer(1, scores_of_[0][in_rows(i)], tokens_[in_rows(i)]);
        for (unsigned size = 2; size <= kUsual; ++size) {
            if (const float score = scores_of_[size - 1][in_rows(i)]; score != kNone) offer(size, score, 1);
        }
        for (unsigned k = 0; k < kLongest - kUsual; ++k) {
            if ((ending_[i + kUsual + 1 + k] >> k & 1) != 0)
                offer(kUsual + 1 + k, scores_of_[kUsual + k][in_rows(i)], 1);
        }
    }
    sum = sums_[count_];
    return counts_[count_];
}

// The best way of those whose last piece has more than kUsual characters and ends at a place.
CTXPACK_AT_AVX512 __attribute__((noinline)) Trellis::Way Trellis::longer(unsigned end) const {
    float best = kNone;
    std::uint32_t tokens = 0;
    for (unsigned left = ending_[end]; left != 0;) {
        const unsigned i = std::bit_width(left) - 1, start = end - (kUsual + 1 + i);
        left ^= 1U << i;
        const float sum = sums_[start] + scores_of_[kUsual + i][in_rows(start)];
        tokens = sum > best ? counts_[start] + 1 : tokens;
        best = std::max(best, sum);
    }
    return {_mm_set_ss(best), _mm_cvtsi32_si128(static_cast<int>(tokens))};
}

}  // namespace ctxpack::sentencepiece

#endif
