#include "sentencepiece/trellis.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "sentencepiece/characters_avx512.hpp"

namespace ctxpack::sentencepiece {
namespace {

using Node = CharacterTrie::Node;
using Number = CharacterTrie::Number;

constexpr float kNone = CharacterTrie::kNoScore;
// What a character of Chinese scores by itself, without its sign.
constexpr float kUsualScore = 12.0F;

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

// Which are scores of pieces.
CTXPACK_AT_AVX512 CTXPACK_INLINE __mmask16 is_score(__m512i scores) {
    return _mm512_cmpneq_epi32_mask(scores, _mm512_castps_si512(_mm512_set1_ps(kNone)));
}

// Stores which of two rows are scores of pieces.
CTXPACK_AT_AVX512 CTXPACK_INLINE void store_pieces(std::uint8_t* rows, __m512i scores) {
    const __mmask16 pieces = is_score(scores);
    std::memcpy(rows, &pieces, sizeof pieces);
}

constexpr unsigned rounded_down(unsigned count) { return count / kLanes * kLanes; }
constexpr unsigned rounded_up(unsigned count) { return rounded_down(count + kLanes - 1); }

}  // namespace

CTXPACK_AT_AVX512 bool Trellis::suits(Bytes p, Bytes end) {
    return is_mostly_non_ascii(p, std::min(static_cast<std::size_t>(end - p), kLooked));
}

CTXPACK_AT_AVX512 Trellis::Counted Trellis::count(const CharacterTrie& trie, Bytes p, Bytes end, float& sum,
                                                  bool after_unknown) {
    // Near where the sum is subtracted fewer are taken.
    const float left = (kLargestSum - std::fabs(sum)) / kUsualScore;
    const unsigned most = left < kMost ? left < kFewest ? kFewest : rounded_down(static_cast<unsigned>(left)) : kMost;
    if (!read(p, end, most) || !look_up(trie, after_unknown)) return {p, 0, false, 0, 0};
    const bool is_last = count_ == read_;
    while (!is_last && count_ > 0 && is_reached_across(count_)) --count_;
    if (count_ == 0) return {p, 0, false, 0, 0};
    const std::size_t tokens = follow(sum);
    const Number last = numbers_[in_rows(count_ - 1)];
    return {is_last ? end : place(count_), tokens, last <= CharacterTrie::kMostUnknown && trie.joins_unknown(), count_,
            looked_longer_};
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
    take_numbers(trie);
#pragma GCC unroll 16
    for (unsigned i = 0; i < rows_ * kSegments; ++i) found_[i] = trie.characters()[numbers_[i]];
    if (!take_characters(trie, after_unknown)) return false;
    find(trie.nodes());
    take_pairs(trie);
    find(trie.nodes());
    return look_up_longer(trie, take_triples(trie));
}

// The numbers of all characters and of those after each segment: these are the first ones of the next.
CTXPACK_AT_AVX512 CTXPACK_INLINE void Trellis::take_numbers(const CharacterTrie& trie) {
    const Number* const numbers = trie.numbers();
    rows_ = rounded_up(count_) / kSegments;
    for (unsigned k = 0; k < kSegments; ++k) {
#pragma GCC unroll 16
        for (unsigned row = 0; row < rows_; ++row) numbers_[row * kSegments + k] = numbers[points_[k * rows_ + row]];
    }
    const unsigned all = rows_ * kSegments;
    for (unsigned i = read_; i < all; ++i) numbers_[in_rows(i)] = CharacterTrie::kEnd;
    for (unsigned row = 0; row < kLongest; ++row) {
        Number* const after = &numbers_[all + row * kSegments];
        std::memcpy(after, &numbers_[row * kSegments + 1], kSegments * sizeof(Number));
        after[kSegments - 1] = all + row < read_ ? numbers[points_[all + row]] : CharacterTrie::kEnd;
    }
}

// The nodes at all places.
CTXPACK_AT_AVX512 CTXPACK_INLINE void Trellis::find(const Node* nodes) {
#pragma GCC unroll 16
    for (unsigned i = 0; i < rows_ * kSegments; ++i) found_[i] = nodes[at_[i]];
}

// Which of sixteen characters are in no piece.
CTXPACK_AT_AVX512 CTXPACK_INLINE unsigned Trellis::unknown_at(unsigned i) const {
    return _mm512_cmple_epu32_mask(numbers_at(&numbers_[i]), cpu::broadcast(CharacterTrie::kMostUnknown));
}

// Takes what was found of characters; false where some are not told apart. Each lane is a character; those before are a
// row before.
CTXPACK_AT_AVX512 CTXPACK_INLINE bool Trellis::take_characters(const CharacterTrie& trie, bool after_unknown) {
    const __m512i joined = cpu::broadcast(trie.joins_unknown() ? 1 : 0);
    __m512 alone = _mm512_setzero_ps();
    unsigned others = 0, unknown_before = unknown_at((rows_ - 2) * kSegments) >> kSegments << 1 | after_unknown;
    for (unsigned i = 0; i < rows_ * kSegments; i += kLanes) {
        const Halves one(&found_[i]);
        const __m512i tokens = _mm512_srli_epi32(one.above, CharacterTrie::kCountShift);
        const __m512i bases = _mm512_and_si512(one.above, cpu::broadcast((1U << CharacterTrie::kCountShift) - 1));
        const __m512 fall = _mm512_min_ps(_mm512_castsi512_ps(one.scores), _mm512_setzero_ps());
        alone = _mm512_add_ps(alone, fall);
        others |= _mm512_testn_epi32_mask(tokens, tokens);
        const unsigned unknown = unknown_at(i);
        const auto after =
            static_cast<__mmask16>(unknown & (unknown << kSegments | (unknown_before & ((1U << kSegments) - 1))));
        unknown_before = unknown >> kSegments;
        _mm512_store_si512(&scores_of_[0][i], one.scores);
        _mm512_store_si512(&tokens_[i], _mm512_mask_sub_epi32(tokens, after, tokens, joined));
        _mm512_store_si512(&at_[i], _mm512_add_epi32(bases, numbers_at(&numbers_[i + kSegments])));
    }
    const __m512 odd = _mm512_shuffle_f32x4(alone, alone, 0b1110);
    _mm256_storeu_ps(alone_.data(), _mm512_castps512_ps256(_mm512_add_ps(alone, odd)));
    return others == 0;
}

CTXPACK_AT_AVX512 CTXPACK_INLINE void Trellis::take_pairs(const CharacterTrie& trie) {
    for (unsigned i = 0; i < rows_ * kSegments; i += kLanes) {
        const Children two(&found_[i], numbers_at(&numbers_[i + kSegments]), trie.base_bits());
        const __m512i scores = two.scores();
        _mm512_store_si512(&scores_of_[1][i], scores);
        store_pieces(&pairs_[i / kSegments], scores);
        _mm512_store_si512(
            &at_[i], _mm512_maskz_add_epi32(two.have_children, two.bases, numbers_at(&numbers_[i + 2 * kSegments])));
    }
}

// Returns from how many characters longer pieces may start.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t Trellis::take_triples(const CharacterTrie& trie) {
    __m512i starts = _mm512_cvtepu8_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(cpu::kIota.data())));
    std::size_t left = 0;
    for (unsigned i = 0; i < rows_ * kSegments; i += kLanes) {
        const Children three(&found_[i], numbers_at(&numbers_[i + 2 * kSegments]), trie.base_bits());
        const __mmask16 go_on = three.have_children;
        const __m512i scores = three.scores();
        _mm512_store_si512(&scores_of_[2][i], scores);
        store_pieces(&triples_[i / kSegments], scores);
        _mm512_storeu_si512(&starts_[left], _mm512_maskz_compress_epi32(go_on, starts));
        _mm512_storeu_si512(&bases_[left], _mm512_maskz_compress_epi32(go_on, three.bases));
        left += static_cast<std::size_t>(std::popcount(std::uint64_t{go_on}));
        starts = _mm512_add_epi32(starts, cpu::broadcast(kLanes));
    }
    return left;
}

// Looks up pieces of more than kUsual characters; false where some may be longer than those that are looked at.
CTXPACK_AT_AVX512 bool Trellis::look_up_longer(const CharacterTrie& trie, std::size_t left) {
    std::fill_n(ending_.begin(), rows_ * kSegments + 2 * kLongest, std::uint16_t{0});
    std::fill_n(lengths_.begin(), rows_ + kLongest, std::uint16_t{0});
    looked_longer_ = 0;
    for (unsigned size = kUsual + 1; size <= kLongest && left > 0; ++size) {
        looked_longer_ += left;
        std::fill_n(scores_of_[size - 1].begin(), (rows_ + 1) * kSegments, kNone);
        left = take_longer(trie, left, size);
    }
    return left == 0;
}

// Takes those of one length; returns from how many characters there may be longer ones.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t Trellis::take_longer(const CharacterTrie& trie, std::size_t left,
                                                                  unsigned size) {
    const Node* const nodes = trie.nodes();
    for (std::size_t k = 0; k < left; ++k) {
        at_[k] = numbers_[starts_[k] + (size - 1) * kSegments];
        found_[k] = nodes[bases_[k] + at_[k]];
    }
    std::size_t going_on = 0, found = 0;
    for (std::size_t k = 0; k < left; k += kLanes) {
        const auto here = static_cast<__mmask16>((std::size_t{1} << std::min<std::size_t>(left - k, kLanes)) - 1);
        const __m512i starts = _mm512_load_si512(&starts_[k]);
        const Children next(&found_[k], _mm512_load_si512(&at_[k]), trie.base_bits());
        const __m512i scores = next.scores();
        const __mmask16 pieces = here & is_score(scores), go_on = here & next.have_children;
        _mm512_storeu_si512(&starts_found_[found], _mm512_maskz_compress_epi32(pieces, starts));
        _mm512_storeu_si512(&scores_found_[found], _mm512_maskz_compress_epi32(pieces, scores));
        found += static_cast<std::size_t>(std::popcount(std::uint64_t{pieces}));
        _mm512_storeu_si512(&starts_[going_on], _mm512_maskz_compress_epi32(go_on, starts));
        _mm512_storeu_si512(&bases_[going_on], _mm512_maskz_compress_epi32(go_on, next.bases));
        going_on += static_cast<std::size_t>(std::popcount(std::uint64_t{go_on}));
    }
    const auto length = static_cast<std::uint16_t>(1U << (size - kUsual - 1));
    for (std::size_t k = 0; k < found; ++k) {
        const std::uint32_t start = starts_found_[k], row = start / kSegments, segment = start % kSegments;
        scores_of_[size - 1][start] = scores_found_[k];
        ending_[segment * rows_ + row + size] |= length;
        lengths_[row + size] |= length;
    }
    return going_on;
}

// Whether some piece reaches across the place before a character.
CTXPACK_AT_AVX512 bool Trellis::is_reached_across(unsigned i) const {
    const auto is_piece = [this](unsigned size, unsigned start) {
        return scores_of_[size - 1][in_rows(start)] != kNone;
    };
    return is_piece(2, i - 1) || is_piece(3, i - 1) || (i > 1 && is_piece(3, i - 2)) || is_in_longer(i);
}

// Whether a piece of more than kUsual characters does.
CTXPACK_AT_AVX512 bool Trellis::is_in_longer(unsigned i) const {
    // The pieces that are too long to start at i or later, by how far behind it they end.
    const __m256i across =
        _mm256_setr_epi16(-1, -1, -1, -2, -4, -8, -16, -32, -64, -128, -256, -512, -1024, -2048, -4096, 0);
    const __m256i ending = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(&ending_[i + 1]));
    return _mm256_test_epi16_mask(ending, across) != 0;
}

CTXPACK_AT_AVX512 Bytes Trellis::place(unsigned i) const {
    unsigned w = windows_ - 1;
    while (firsts_[w] > i) --w;
    const Bytes p = begin_ + w * Splitter::kWindow;
    return p + std::countr_zero(_pdep_u64(std::uint64_t{1} << (i - firsts_[w]), leads(at(p, 0))));
}

}  // namespace ctxpack::sentencepiece

#endif
