// How many tokens a text is by a unigram model, found by the reference's own steps in its 32-bit floats, with no words
// between: what mostly saves time, that words come again, does little for text without spaces between them.
//
// Characters are taken in blocks. What pieces of one to three characters score is looked up for all of a block, sixteen
// at once and without a branch; longer ones are rare. Then the best way is followed from one character to the next, in
// eight segments side by side where that is exact (trellis_follow_avx512.cpp). A block ends where no piece reaches
// across, so that one way leads there.
#pragma once

#include "cpu/level.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <array>

#include "sentencepiece/character_trie.hpp"
#include "sentencepiece/scores.hpp"
#include "sentencepiece/splitter.hpp"

namespace ctxpack::sentencepiece {

// Scratch space of one thread.
class Trellis {
public:
    // Bytes that are looked at to tell whether a block is worth it.
    static constexpr std::size_t kLooked = Splitter::kChunk;

    explicit Trellis(const Scores& scores) : scores_(scores) {}

    // Whether characters have two bytes or more on average, told by the first kLooked bytes of a text, near which
    // kPadding may be read.
    CTXPACK_AT_AVX512 static bool suits(Bytes p, Bytes end);

    struct Counted {
        Bytes end;  // where it starts, if the trellis cannot tell
        std::size_t tokens;
        bool ends_unknown;
        std::size_t characters, longer;  // how many, and how often a piece of more than kUsual was looked for
    };
    // Counts a block from `p` on, across which no piece reaches, and adds what it scores to `sum`. `after_unknown`:
    // whether an unknown piece is before it.
    CTXPACK_AT_AVX512 Counted count(const CharacterTrie& trie, Bytes p, Bytes end, float& sum, bool after_unknown);

private:
    using Node = CharacterTrie::Node;
    using Number = CharacterTrie::Number;
    struct Way;
    struct Ways;

    static constexpr unsigned kLanes = 16;
    static constexpr unsigned kMost = 512, kFewest = 64;  // characters of a block
    static constexpr unsigned kLongest = CharacterTrie::kLongest;
    // A block has as many segments of equally many characters. What is looked up lies in rows, each of which has a
    // character of every segment.
    static constexpr unsigned kSegments = kLanes / 2;
    static constexpr unsigned kRows = (kMost + kLongest + Splitter::kWindow + kLanes) / kSegments + kLongest;
    static constexpr unsigned kRoom = kRows * kSegments;
    // Pieces of more characters than these are rare.
    static constexpr unsigned kUsual = 3;

    template <class Each>
    using All = std::array<Each, kRoom>;
    template <class Each>
    using OfSegments = std::array<Each, kSegments>;

    CTXPACK_AT_AVX512 bool read(Bytes p, Bytes end, unsigned most);
    CTXPACK_AT_AVX512 bool look_up(const CharacterTrie& trie, bool after_unknown);
    CTXPACK_AT_AVX512 void take_numbers(const CharacterTrie& trie);
    CTXPACK_AT_AVX512 void find(const Node* nodes);
    CTXPACK_AT_AVX512 unsigned unknown_at(unsigned i) const;
    CTXPACK_AT_AVX512 bool take_characters(const CharacterTrie& trie, bool after_unknown);
    CTXPACK_AT_AVX512 void take_pairs(const CharacterTrie& trie);
    CTXPACK_AT_AVX512 std::size_t take_triples(const CharacterTrie& trie);
    CTXPACK_AT_AVX512 bool look_up_longer(const CharacterTrie& trie, std::size_t left);
    CTXPACK_AT_AVX512 std::size_t take_longer(const CharacterTrie& trie, std::size_t left, unsigned size);
    CTXPACK_AT_AVX512 bool is_reached_across(unsigned i) const;
    CTXPACK_AT_AVX512 bool is_in_longer(unsigned i) const;

    CTXPACK_AT_AVX512 std::size_t follow(float& sum);
    bool is_safe(float sum) const;
    CTXPACK_AT_AVX512 std::size_t follow_part(unsigned begin, unsigned end, float& sum);
    std::size_t follow_subtracting(float& sum);
    CTXPACK_AT_AVX512 Way longer(unsigned end) const;
    CTXPACK_AT_AVX512 bool cut();
    void guess(float sum);
    unsigned lengths_before(unsigned row) const;
    unsigned first_in(unsigned row) const;
    CTXPACK_AT_AVX512 void keep(unsigned row, const Ways& ways);
    CTXPACK_AT_AVX512 void follow_segments(float sum);
    CTXPACK_AT_AVX512 Ways longer(unsigned row, unsigned lengths) const;
    CTXPACK_AT_AVX512 std::size_t join(float& sum);
    // Where a character of the block is in the rows.
    unsigned in_rows(unsigned i) const { return i % rows_ * kSegments + i / rows_; }
    CTXPACK_AT_AVX512 Bytes place(unsigned i) const;

    const Scores& scores_;
    unsigned read_;  // characters
    std::size_t looked_longer_;
    unsigned count_;           // those that are to be counted: less where the text goes on
    unsigned rows_;            // characters of a segment
    OfSegments<float> alone_;  // what the characters score by themselves
    // Windows that characters were read from, and the first character that starts in each.
    Bytes begin_;
    unsigned windows_;
    std::array<unsigned, kRoom / kLanes> firsts_;
    alignas(64) All<std::uint32_t> points_;
    alignas(64) All<Number> numbers_;
    alignas(64) All<Node> found_;
    alignas(64) All<std::uint32_t> at_;
    // By the character that they start with, in rows, the scores of pieces of as many characters, and how many tokens
    // the first is; and which of a row have pieces of two and three. Of longer ones only as far as there are any.
    alignas(64) std::array<All<float>, kLongest> scores_of_;
    alignas(64) All<std::uint32_t> tokens_;
    std::array<std::uint8_t, kRows> pairs_, triples_;
    // Which lengths of longer ones come to an end before a character, and before any of a row: bit i for kUsual + 1 + i
    // characters.
    All<std::uint16_t> ending_;
    std::array<std::uint16_t, kRows> lengths_;
    // Places where longer ones may start, and the bases of what is there; those where some were found, and their
    // scores.
    alignas(64) All<std::uint32_t> starts_, bases_, starts_found_;
    alignas(64) All<float> scores_found_;
    // Of the best way up to a character.
    All<float> sums_;
    All<std::uint32_t> counts_;
    // The same of each segment, in the same rows, from two sums on.
    alignas(64) std::array<float, kRows * kLanes> segment_sums_;
    alignas(64) std::array<std::uint32_t, kRows * kLanes> segment_counts_;
    // Rows from which segments are followed, which ones from a row on, the last of these rows, and from what sums.
    OfSegments<unsigned> cuts_;
    std::array<std::uint8_t, kLongest> starting_;
    unsigned last_cut_;
    alignas(64) std::array<float, kLanes> from_;
};

}  // namespace ctxpack::sentencepiece

#endif
