#include "sentencepiece/trellis.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>
#include <bit>
#include <cmath>

#include "sentencepiece/characters_avx512.hpp"

namespace ctxpack::sentencepiece {
namespace {

using Node = CharacterTrie::Node;
using Number = CharacterTrie::Number;

constexpr float kNone = CharacterTrie::kNoScore;
// A sum that is nearer to zero is not subtracted, however a block is rounded.
constexpr double kSafe = 99'990.0;
// What a character of Chinese scores by itself, without its sign.
constexpr float kUsualScore = 12.0F;

float score_of(Node node) { return std::bit_cast<float>(static_cast<std::uint32_t>(node)); }

// What is in the lower and the upper halves of sixteen nodes.
struct Halves {
    CTXPACK_AT_AVX512 explicit Halves(const Node* nodes) {
        const __m512i a = _mm512_load_si512(nodes), b = _mm512_load_si512(nodes + kLanes / 2);
        const __m512i lower = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        scores = _mm512_permutex2var_epi32(a, lower, b);
        above = _mm512_permutex2var_epi32(a, _mm512_add_epi32(lower, cpu::broadcast(1)), b);
    }

    __m512i scores, above;
};

// Sixteen numbers.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i numbers_at(const Number* numbers) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers)));
}

// Nodes, and which of them are those of a next character.
struct Children {
    CTXPACK_AT_AVX512 Children(const Node* nodes, __m512i labels, unsigned base_bits) : halves(nodes) {
        const __m512i found = _mm512_srl_epi32(halves.above, _mm_cvtsi32_si128(static_cast<int>(base_bits)));
        there = _mm512_cmpeq_epi32_mask(found, labels);
        bases = _mm512_and_si512(halves.above, cpu::broadcast((1U << base_bits) - 1));
        have_children = _mm512_mask_test_epi32_mask(there, bases, bases);
    }
    CTXPACK_AT_AVX512 __m512i scores() const {
        return _mm512_mask_mov_epi32(_mm512_castps_si512(_mm512_set1_ps(kNone)), there, halves.scores);
    }

    Halves halves;
    __m512i bases;
    __mmask16 there, have_children;
};

CTXPACK_AT_AVX512 CTXPACK_INLINE __mmask16 first_lanes(unsigned count) {
    return static_cast<__mmask16>(cpu::first_bits(std::min(count, kLanes)));
}

constexpr unsigned rounded_up(unsigned count) { return (count + kLanes - 1) / kLanes * kLanes; }

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

CTXPACK_AT_AVX512 bool Trellis::suits(Bytes p, Bytes end) {
    const auto left = static_cast<std::size_t>(end - p);
    return is_mostly_non_ascii(p, std::min(left, Splitter::kWindow)) && is_mostly_non_ascii(p, std::min(left, kLooked));
}

CTXPACK_AT_AVX512 Trellis::Counted Trellis::count(const CharacterTrie& trie, Bytes p, Bytes end, float& sum,
                                                  bool after_unknown) {
    // Near where the sum is subtracted fewer are taken.
    const float left = (kLargestSum - std::fabs(sum)) / kUsualScore;
    const unsigned most = left < kMost ? left < kFewest ? kFewest : static_cast<unsigned>(left) : kMost;
    if (!read(p, end, most) || !look_up(trie, after_unknown)) return {p, 0, false};
    const bool is_last = count_ == read_;
    while (!is_last && count_ > 0 && is_reached_across(count_)) --count_;
    if (count_ == 0) return {p, 0, false};
    const std::size_t tokens = is_safe(sum) ? follow(sum) : follow_subtracting(sum);
    const Number last = numbers_[count_ - 1];
    return {is_last ? end : place(count_), tokens, last <= CharacterTrie::kMostUnknown && trie.joins_unknown()};
}

// Reads characters, window by window, each of four bytes at most; false where these are no characters.
CTXPACK_AT_AVX512 bool Trellis::read(Bytes p, Bytes end, unsigned most) {
    begin_ = p;
    read_ = windows_ = 0;
    for (; p < end && read_ < most + kLongest; p += Splitter::kWindow) {
        const auto left = static_cast<std::size_t>(end - p);
        const __m512i window = at(p, 0);
        const __m512i after =
            _mm512_castsi128_si512(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + Splitter::kWindow)));
        const std::uint64_t starts = leads(window) & Splitter::wanted(left, false);
        const auto characters = static_cast<unsigned>(std::popcount(starts));
        if (characters < kLanes && left > Splitter::kWindow) return false;
        __m512i found = _mm512_maskz_compress_epi8(starts, at(cpu::kIota.data(), 0));
        for (unsigned i = 0; i < characters; i += kLanes) {
            const __m512i points = points_at(window, after, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(found)));
            _mm512_storeu_si512(&points_[read_ + i], _mm512_min_epu32(points, cpu::broadcast(CharacterTrie::kPoints)));
            found = _mm512_alignr_epi64(found, found, 2);
        }
        firsts_[windows_++] = read_;
        read_ += characters;
    }
    if (p < end) read_ = std::min(read_, most + kLongest);
    // Those after them are looked up, too.
    _mm512_storeu_si512(&points_[read_], _mm512_setzero_si512());
    count_ = p < end ? std::min(read_, most) : read_;
    return true;
}

// Looks up what pieces score; false where that cannot be told.
CTXPACK_AT_AVX512 bool Trellis::look_up(const CharacterTrie& trie, bool after_unknown) {
    const unsigned all = rounded_up(read_);
#pragma GCC unroll 16
    for (unsigned i = 0; i < all; ++i) {
        const Number number = trie.numbers()[points_[i]];
        numbers_[i] = number;
        found_[i] = trie.characters()[number];
    }
    std::fill_n(&numbers_[read_], kLongest + kLanes, CharacterTrie::kEnd);
    if (!take_characters(trie, after_unknown)) return false;
    find(trie.nodes());
    take_pairs(trie);
    find(trie.nodes());
    return look_up_longer(trie, take_triples(trie));
}

// The nodes at all places.
CTXPACK_AT_AVX512 CTXPACK_INLINE void Trellis::find(const Node* nodes) {
#pragma GCC unroll 16
    for (unsigned i = 0; i < rounded_up(count_); ++i) found_[i] = nodes[at_[i]];
}

// Takes what was found of characters; false where some are not told apart. Each lane is a character.
CTXPACK_AT_AVX512 CTXPACK_INLINE bool Trellis::take_characters(const CharacterTrie& trie, bool after_unknown) {
    const __m512i last_unknown = cpu::broadcast(CharacterTrie::kMostUnknown);
    const __m512i joined = cpu::broadcast(trie.joins_unknown() ? 1 : 0);
    __m512 alone = _mm512_setzero_ps();
    unsigned others = 0, unknown_before = after_unknown;
    for (unsigned i = 0; i < count_; i += kLanes) {
        const __mmask16 here = first_lanes(count_ - i);
        const Halves one(&found_[i]);
        const __m512i tokens = _mm512_srli_epi32(one.above, CharacterTrie::kCountShift);
        const __m512i bases = _mm512_and_si512(one.above, cpu::broadcast((1U << CharacterTrie::kCountShift) - 1));
        const __m512 fall = _mm512_min_ps(_mm512_castsi512_ps(one.scores), _mm512_setzero_ps());
        alone = _mm512_mask_add_ps(alone, here, alone, fall);
        others |= _mm512_mask_testn_epi32_mask(here, tokens, tokens);
        const unsigned unknown = _mm512_cmple_epu32_mask(numbers_at(&numbers_[i]), last_unknown);
        const auto after = static_cast<__mmask16>(unknown & (unknown << 1 | unknown_before));
        unknown_before = unknown >> (kLanes - 1);
        _mm512_store_si512(&scores_of_[0][i], one.scores);
        _mm512_store_si512(&tokens_[i], _mm512_mask_sub_epi32(tokens, after, tokens, joined));
        _mm512_store_si512(&at_[i], _mm512_add_epi32(bases, numbers_at(&numbers_[i + 1])));
    }
    alone_ = _mm512_reduce_add_ps(alone);
    return others == 0;
}

CTXPACK_AT_AVX512 CTXPACK_INLINE void Trellis::take_pairs(const CharacterTrie& trie) {
    for (unsigned i = 0; i < count_; i += kLanes) {
        const Children two(&found_[i], numbers_at(&numbers_[i + 1]), trie.base_bits());
        _mm512_store_si512(&scores_of_[1][i], two.scores());
        _mm512_store_si512(&at_[i], _mm512_maskz_add_epi32(two.have_children, two.bases, numbers_at(&numbers_[i + 2])));
    }
}

// Returns from how many characters longer pieces may start.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t Trellis::take_triples(const CharacterTrie& trie) {
    __m512i starts = _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(cpu::kIota.data())));
    std::size_t left = 0;
    for (unsigned i = 0; i < count_; i += kLanes) {
        const Children three(&found_[i], numbers_at(&numbers_[i + 2]), trie.base_bits());
        const auto go_on = static_cast<__mmask16>(three.have_children & first_lanes(count_ - i));
        _mm512_store_si512(&scores_of_[2][i], three.scores());
        _mm512_storeu_si512(&starts_[0][left], _mm512_maskz_compress_epi32(go_on, starts));
        _mm512_storeu_si512(&bases_[0][left], _mm512_maskz_compress_epi32(go_on, three.bases));
        left += static_cast<std::size_t>(std::popcount(std::uint64_t{go_on}));
        starts = _mm512_add_epi32(starts, cpu::broadcast(kLanes));
    }
    return left;
}

// Looks up pieces of more than kUsual characters; false where some may be longer than those that are looked at.
CTXPACK_AT_AVX512 bool Trellis::look_up_longer(const CharacterTrie& trie, std::size_t left) {
    const unsigned base_bits = trie.base_bits();
    std::fill_n(ending_.begin(), count_ + kLongest + 1, std::uint16_t{0});
    unsigned from = 0;
    for (unsigned size = kUsual + 1; size <= kLongest && left > 0; ++size, from ^= 1) {
        std::size_t going_on = 0;
        for (std::size_t k = 0; k < left; ++k) {
            const std::uint32_t start = starts_[from][k];
            const Number next = numbers_[start + size - 1];
            const Node node = trie.nodes()[bases_[from][k] + next];
            const auto above = static_cast<std::uint32_t>(node >> 32), base = above & ((1U << base_bits) - 1);
            const bool there = above >> base_bits == next;
            const float score = score_of(node);
            longer_[size - kUsual - 1][start] = score;
            ending_[start + size] |= static_cast<std::uint16_t>((there & (score != kNone)) << (size - kUsual - 1));
            starts_[from ^ 1][going_on] = start;
            bases_[from ^ 1][going_on] = base;
            going_on += there & (base != 0);
        }
        left = going_on;
    }
    return left == 0;
}

// Whether some piece reaches across the place before a character.
bool Trellis::is_reached_across(unsigned i) const {
    if (scores_of_[1][i - 1] != kNone || scores_of_[2][i - 1] != kNone) return true;
    if (i > 1 && scores_of_[2][i - 2] != kNone) return true;
    for (unsigned end = i + 1; end < i + kLongest; ++end) {
        for (unsigned bits = ending_[end]; bits != 0; bits &= bits - 1) {
            if (end - (static_cast<unsigned>(std::countr_zero(bits)) + kUsual + 1) < i) return true;
        }
    }
    return false;
}

// Whether no sum can be so far from zero that the reference subtracts it. A best way is no worse than that of the
// characters by themselves.
bool Trellis::is_safe(float sum) const {
    const double rise = scores_.weights().highest() * count_;
    return static_cast<double>(sum) + alone_ > -kSafe && static_cast<double>(sum) + rise < kSafe;
}

// Follows the best ways to all characters; moves the sum and returns how many tokens that are. As in the reference, of
// ways that are as good the one whose last piece starts first is taken.
CTXPACK_AT_AVX512 std::size_t Trellis::follow(float& sum) {
    const __m128i a_token = _mm_cvtsi32_si128(1);
    const Way none{_mm_set_ss(kNone), _mm_setzero_si128()};
    Way last{_mm_set_ss(sum), _mm_setzero_si128()}, before = none, first = none;
    sums_[0] = sum;
    counts_[0] = 0;
    for (unsigned i = 0; i < count_; ++i) {
        const Way three = first.with(&scores_of_[2][i < 2 ? 0 : i - 2], a_token);
        const Way two = before.with(&scores_of_[1][i < 1 ? 0 : i - 1], a_token);
        Way best = Way::better(three, two);
        if (ending_[i + 1] != 0) [[unlikely]]
            best = Way::better(longer(i + 1), best);
        const __m128i tokens = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&tokens_[i]));
        best = Way::better(best, last.with(&scores_of_[0][i], tokens));
        _mm_store_ss(&sums_[i + 1], best.sum);
        _mm_storeu_si32(&counts_[i + 1], best.tokens);
        first = before;
        before = last;
        last = best;
    }
    sum = sums_[count_];
    return counts_[count_];
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
        offer(1, scores_of_[0][i], tokens_[i]);
        for (unsigned size = 2; size <= kUsual; ++size) {
            if (scores_of_[size - 1][i] != kNone) offer(size, scores_of_[size - 1][i], 1);
        }
        for (unsigned k = 0; k < kLongest - kUsual; ++k) {
            if ((ending_[i + kUsual + 1 + k] >> k & 1) != 0) offer(kUsual + 1 + k, longer_[k][i], 1);
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
        const float sum = sums_[start] + longer_[i][start];
        tokens = sum > best ? counts_[start] + 1 : tokens;
        best = std::max(best, sum);
    }
    return {_mm_set_ss(best), _mm_cvtsi32_si128(static_cast<int>(tokens))};
}

CTXPACK_AT_AVX512 Bytes Trellis::place(unsigned i) const {
    unsigned w = windows_ - 1;
    while (firsts_[w] > i) --w;
    const Bytes p = begin_ + w * Splitter::kWindow;
    return p + std::countr_zero(_pdep_u64(std::uint64_t{1} << (i - firsts_[w]), leads(at(p, 0))));
}

}  // namespace ctxpack::sentencepiece

#endif
