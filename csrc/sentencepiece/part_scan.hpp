// Counting a text with a unigram model part by part: by the trellis where characters are mostly not ASCII or words
// mostly new, else by words.
#pragma once

#include <algorithm>

#include "sentencepiece/splitter.hpp"
#include "sentencepiece/trellis.hpp"
#include "sentencepiece/unigram.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::sentencepiece {

// by_words(p, end) counts a part that way. No piece reaches across the ends of a part.
template <class Sink, class ByWords>
class PartScan {
public:
    PartScan(const Scores& scores, const Splitter& splitter, Unigram& segmenter, Sink& sink, ByWords by_words)
        : scores_(scores), splitter_(splitter), segmenter_(segmenter), sink_(sink), by_words_(by_words) {}

    // Before and after the text kPadding bytes may be read.
    void run(Bytes p, Bytes end) {
        while ((p = count_blocks(p, end)) < end) {
            const Bytes other = words_end(p, end);
            count_words(p, other);
            p = other;
        }
    }

private:
    // The bytes that are looked at to tell whether the trellis is worth it, and those that are counted by words where
    // it cannot tell.
    static constexpr std::size_t kLooked = Trellis::kLooked, kBlock = 4 * kLooked;

    // Text that is mostly not ASCII will be so further on, while new words of other text are learnt: its trie is made
    // after so many times less.
    static constexpr std::size_t kSooner = 16;

    // Whether the trellis is worth it, and there.
    bool suits(Bytes p, Bytes end) {
        const bool is_other = Trellis::suits(p, end);
        if (!is_other && !segmenter_.novelty().take_block()) return false;
        const std::size_t looked = std::min(static_cast<std::size_t>(end - p), kLooked);
        if (trie_ == nullptr) trie_ = scores_.characters(is_other ? kSooner * looked : looked);
        return trie_ != nullptr;
    }

    // Where the part from `p` on that is not for the trellis ends.
    Bytes words_end(Bytes p, Bytes end) {
        do {
            p += std::min(static_cast<std::size_t>(end - p), kLooked);
        } while (p < end && !segmenter_.novelty().was_high() && !suits(p, end));
        return cut(p, end);
    }

    void count_words(Bytes p, Bytes end) {
        const std::size_t before = segmenter_.effort();
        by_words_(p, end);
        segmenter_.novelty().note_words(p, end, segmenter_.effort() - before);
    }

    // The first place from there on where a word surely starts.
    Bytes cut(Bytes p, Bytes end) const {
        while (p < end && (unicode::is_continuation(*p) || !splitter_.starts_word(p))) ++p;
        return p;
    }

    // Counts blocks as long as they are for the trellis; where it cannot tell, by words.
    Bytes count_blocks(Bytes p, Bytes end) {
        while (p < end && suits(p, end)) {
            const Bytes from = p;
            p = count_block(from, end);
            if (p != from) continue;
            p = cut(from + std::min(static_cast<std::size_t>(end - from), kBlock), end);
            count_words(from, p);
        }
        return p;
    }

    // Returns where the block ends: where it starts, if the trellis cannot tell.
    Bytes count_block(Bytes p, Bytes end) {
        float sum = segmenter_.sum().value;
        const Trellis::Counted counted = segmenter_.trellis().count(*trie_, p, end, sum, sink_.ends_unknown());
        if (counted.end == p) return p;
        segmenter_.novelty().note_block(counted.characters, counted.longer);
        segmenter_.set_sum({sum});
        sink_.add_count(counted.tokens);
        sink_.merge(0, counted.ends_unknown);
        return counted.end;
    }

    const Scores& scores_;
    const Splitter& splitter_;
    Unigram& segmenter_;
    Sink& sink_;
    ByWords by_words_;
    const CharacterTrie* trie_ = nullptr;
};

}  // namespace ctxpack::sentencepiece

#endif
