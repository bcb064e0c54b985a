// What is known of the words of a chunk of text while they are looked up.
#pragma once

#include <array>
#include <cstdint>

#include "cpu/level.hpp"
#include "encoding/text_key.hpp"
#include "sentencepiece/skipped.hpp"
#include "sentencepiece/words.hpp"
#include "sentencepiece/workspace.hpp"

namespace ctxpack::sentencepiece {

// Words is one of the classes of words.hpp.
template <class Segmenter, class Words>
struct Block {
    using Worth = typename Segmenter::Worth;
    // Whether characters that were left out change the sum.
    static constexpr bool kAddsSkipped = Words::kLeavesUncounted && Segmenter::kOrdered;

    // Finds where the word is looked up, and prefetches that.
    CTXPACK_FLATTENED void prepare(Workspace<Segmenter>& workspace, std::size_t i) {
        const auto& table = workspace.short_words;
        const std::size_t size = words.size(i);
        keys[i] = roomy_key<16>(words.start(i), size);
        lines[i] = table.line(keys[i]);
        table.prefetch(lines[i]);
        if (size > kShort) [[unlikely]]
            prepare_long(workspace, i);
    }

    std::size_t count;  // words
    std::size_t left;   // of them, that were not found yet
    Words words;
    std::array<std::uint64_t, Words::kMost + kTextsAtOnce> recent_keys;
    std::array<std::size_t, Words::kMost + kTextsAtOnce> recent_homes;
    std::array<Worth, Words::kMost> worths;
    std::array<Worth, kAddsSkipped ? Words::kMost + kSkippedAtOnce : 0> with_skipped;
    std::array<std::uint32_t, Words::kMost> rest;  // those that are left, in order
    std::array<ShortKey, Words::kMost> keys;
    std::array<std::uint32_t, Words::kMost> lines;
    std::array<std::uint32_t, Words::kMost> long_lines;

private:
    // Looking the word up as a short one finds nothing; it does so in a line that is at hand.
    void prepare_long(Workspace<Segmenter>& workspace, std::size_t i) {
        lines[i] = 0;
        if (words.size(i) <= LongSlot::kLongest) prefetch_long(workspace, i);
    }

    void prefetch_long(Workspace<Segmenter>& workspace, std::size_t i) {
        const auto& table = workspace.long_words;
        long_lines[i] = table.line({words.start(i), words.size(i)});
        table.prefetch(long_lines[i]);
        table.prefetch_ids(long_lines[i]);
    }
};

}  // namespace ctxpack::sentencepiece
