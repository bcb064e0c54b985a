// The pieces of a unigram model, walked character by character, with what they score: for a text of which mostly one to
// three characters are a piece, sixteen places at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sentencepiece/pieces.hpp"

namespace ctxpack::sentencepiece {

// A double array, as Weights: the children of a node lie where their labels, which are numbers of characters, say,
// counted from a base that is the node's own. Immutable, so safe to share.
class CharacterTrie {
public:
    // The lowest are those that are in no piece: the end of a text, unknown ones of one to four bytes, and any that are
    // not told apart.
    using Number = std::uint16_t;
    static constexpr Number kEnd = 0, kMostUnknown = 4, kOther = 5, kFirst = 6;

    // A score (32 bits), kNoScore where there is none, and above it: of a character, the base (24) and how many tokens
    // it is by itself (8), 0 for any that is not told apart; of a longer one, the base and above it the label. A base
    // is 0 where there are no children.
    using Node = std::uint64_t;
    static constexpr float kNoScore = -std::numeric_limits<float>::infinity();
    static constexpr unsigned kCountShift = 24;

    // Characters of a piece that are looked at. Where a longer one begins, children are told of that are not there.
    static constexpr std::size_t kLongest = 16;
    // Of characters from here on none is told apart from the others.
    static constexpr std::uint32_t kPoints = 0x20000;

    // Null where there are too many pieces, or scores too far from zero. O(bytes, and sorting them).
    static std::unique_ptr<const CharacterTrie> make(const Pieces& pieces, const Pieces::Keys& used,
                                                     std::span<const float> scores, float unknown);

    // By the code point.
    const Number* numbers() const { return numbers_.data(); }
    // By the number.
    const Node* characters() const { return characters_.data(); }
    // By the base of what is before and the number of the next character. A number that is not the label there is of
    // no child.
    const Node* nodes() const { return nodes_.data(); }
    // Bits of a base beside a label.
    unsigned base_bits() const { return base_bits_; }
    // Whether unknown characters side by side are one token.
    bool joins_unknown() const { return joins_unknown_; }

private:
    struct Builder;

    CharacterTrie() = default;

    std::vector<Number> numbers_ = std::vector<Number>(kPoints + 1, kOther);
    std::vector<Node> characters_;
    std::vector<Node> nodes_;
    unsigned base_bits_ = 0;
    bool joins_unknown_ = false;
};

}  // namespace ctxpack::sentencepiece
