// What a thread needs to segment texts.
#pragma once

#include <cstdint>
#include <vector>

#include "cpu/level.hpp"
#include "encoding/known_stretches.hpp"
#include "sentencepiece/recent_words.hpp"
#include "sentencepiece/stretches.hpp"
#include "sentencepiece/word_cache.hpp"

namespace ctxpack::sentencepiece {

// Caches and scratch space of one thread. Segmenter is Bpe or Unigram. What an exception leaves behind spoils nothing:
// scratch space is written before it is read, and the caches take only what is complete.
template <class Segmenter>
struct Workspace {
    explicit Workspace(const typename Segmenter::Shared& shared)
        : segmenter(shared), write_keys(write_keys_for<typename Segmenter::Worth>(cpu::best_level())) {}

    // Gives back what a long text or a long word took.
    void release() {
        if (text.capacity() > kKeptText) std::vector<std::uint8_t>().swap(text);
        segmenter.release(kKeptWord);
    }

    // That there is room for between calls: bytes of text, and symbols or bytes of a word.
    static constexpr std::size_t kKeptText = std::size_t{1} << 22, kKeptWord = std::size_t{1} << 16;

    Segmenter segmenter;
    std::vector<std::uint8_t> text;
    RecentWords<typename Segmenter::Worth> recent_words;
    WriteKeys write_keys;
    WordTable<ShortSlot<typename Segmenter::Note>, 18> short_words;
    WordTable<LongSlot, 17> long_words;
    KnownStretches<CountedStretch> stretches;
};

}  // namespace ctxpack::sentencepiece
