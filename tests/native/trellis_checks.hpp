// A text that the trellis counts, held to the reference's own steps.
#pragma once

#include <span>
#include <string>

#include "guarded.hpp"
#include "require.hpp"
#include "sentencepiece/sinks.hpp"
#include "sentencepiece/trellis.hpp"
#include "sentencepiece/unigram.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::tests {

using namespace sentencepiece;

// Counts as many blocks as it can; returns how many. Together they are held to the steps from one end to the other.
inline std::size_t blocks_held(const Scores& scores, const std::string& text, float sum) {
    scores.characters(std::size_t{1} << 20);
    const CharacterTrie* const trie = scores.characters(text.size());
    if (trie == nullptr) return 0;
    static Guarded memory;
    const std::string padded = std::string(kPadding, 'a') + text + std::string(kPadding, 'a');
    const Bytes begin = memory.copy(std::span(reinterpret_cast<const std::uint8_t*>(padded.data()), padded.size()));
    const Bytes first = begin + kPadding, end = first + text.size();
    Unigram unigram(scores);
    unigram.begin(sum);
    Trellis trellis(scores);
    std::size_t blocks = 0, tokens = 0;
    bool ends_unknown = false;
    Bytes p = first;
    for (; p < end; ++blocks) {
        const Trellis::Counted counted = trellis.count(*trie, p, end, sum, ends_unknown);
        if (counted.end == p) break;
        p = counted.end;
        tokens += counted.tokens;
        ends_unknown = counted.ends_unknown;
    }
    if (blocks == 0) return 0;
    const Pieces& pieces = scores.pieces();
    CountSink sink(pieces.byte_fallback() ? kNoToken : pieces.unknown_id(), false);
    sink.add(unigram.segment_here(first, static_cast<std::size_t>(p - first)));
    require(tokens == sink.total(), "counts differ", text);
    require(ends_unknown == sink.ends_unknown(), "the last token differs", text);
    require(sum == unigram.sum().value, "sums differ", text);
    return blocks;
}

}  // namespace ctxpack::tests

#endif
