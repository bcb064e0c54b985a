// Which characters stand side by side in pieces. They are found by hash, so some may seem to that do not.
#pragma once

#include <vector>

#include "encoding/types.hpp"
#include "sentencepiece/pieces.hpp"

namespace ctxpack::sentencepiece {

// Small numbers, of kWidth bits each.
template <unsigned kWidth, unsigned kBits>
class FlagTable {
public:
    // Where that of a hash is: in which word, and how far up.
    static constexpr unsigned kPerWord = 32 / kWidth;
    static constexpr unsigned kShift = 32 - kBits;

    // Makes room for all hashes: before that, none may be added or asked for.
    void allocate() { words_.resize((std::size_t{1} << kBits) / kPerWord); }

    const std::vector<std::uint32_t>& words() const { return words_; }
    unsigned find(std::uint32_t hash) const {
        const std::uint32_t at = hash >> kShift;
        return words_[at / kPerWord] >> at % kPerWord * kWidth & ((1U << kWidth) - 1);
    }
    void add(std::uint32_t hash, unsigned flags) {
        const std::uint32_t at = hash >> kShift;
        words_[at / kPerWord] |= flags << at % kPerWord * kWidth;
    }

private:
    std::vector<std::uint32_t> words_;
};

class Neighbours {
public:
    // Of two characters: whether they are a piece, and whether they stand in a longer one.
    static constexpr unsigned kIsPair = 1, kInLonger = 2;
    // Of three: whether they are a piece, and whether a longer one begins or ends with them, or has them in its middle.
    static constexpr unsigned kIsTriple = 1, kBegins = 2, kEnds = 4, kWithin = 8;

    using Pairs = FlagTable<2, 20>;
    using Triples = FlagTable<4, 19>;

    // Without triples there are none to be asked for. O(bytes).
    Neighbours(const Pieces::Keys& pieces, bool with_triples);

    static std::uint32_t pair(std::uint32_t left, std::uint32_t right) { return left * kLeft + right * kRight; }
    static std::uint32_t triple(std::uint32_t first, std::uint32_t second, std::uint32_t third) {
        return pair(first, second) + third * kThird;
    }
    unsigned of_pair(std::uint32_t left, std::uint32_t right) const { return pairs_.find(pair(left, right)); }

    const Pairs& pairs() const { return pairs_; }
    const Triples& triples() const { return triples_; }

    static constexpr std::uint32_t kLeft = 0x9E3779B1, kRight = 0x85EBCA6B, kThird = 0xC2B2AE35;

private:
    Pairs pairs_;
    Triples triples_;
};

}  // namespace ctxpack::sentencepiece
