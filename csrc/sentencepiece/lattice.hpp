// The best way to cut a short word into pieces, wherever it stands: found in whole numbers, with its distance to the
// second best. As long as the sum before the word is so small that all rounding errors stay below that, the reference
// takes it.
//
// From the last character back to the first, the best way from there to the end of the word is chosen. Each choice
// waits for the one before it, so all else is done ahead: a few steps through the trie from every character, as if
// there were a piece at each. A step that leads to none weighs too little to be chosen, which saves a branch that could
// not be predicted.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "sentencepiece/scores.hpp"
#include "sentencepiece/tokens.hpp"
#include "sentencepiece/word_cache.hpp"

namespace ctxpack::sentencepiece {

// Scratch space of one thread.
class Lattice {
public:
    static constexpr std::size_t kLongest = LongSlot::kLongest;  // bytes

    explicit Lattice(const Scores& scores) : scores_(scores), weights_(scores.weights()) {}

    // The tokens of a word of up to kLongest bytes, near which kPadding may be read, valid until the next call, and
    // their limit: as long as the sum of scores before is nearer to zero, the reference takes them, too. O(bytes x
    // bytes of the longest piece).
    Tokens best(Bytes p, std::size_t size);

    // How far the best ways to the characters inside such a word are at most from the sum before it; much further where
    // some are not ASCII and not all have three bytes. O(bytes).
    double reach(Bytes p, std::size_t size) const;

private:
    using Weight = Weights::Weight;
    using Node = Weights::Node;
    using Place = Weights::Place;

    // Steps that are always taken, in bytes: to the end of a character at least, and with few longer pieces left.
    static constexpr std::size_t kSteps = 5;
    // Characters that are walked from side by side.
    static constexpr std::size_t kGroup = 4;

    // The two best sums of weights of ways from a place to the end.
    struct Choice {
        Weight best;
        Weight second;

        void offer(Weight sum);
    };
    // A place: the best sum without the length of its first piece, the choice, and the nodes that its first bytes lead
    // to.
    struct alignas(64) Row {
        Weight sum;
        Choice choice;
        std::array<Node, kSteps> nodes;
    };
    // Of the pieces from a place on that have as many bytes, and of the best longer one.
    using Places = std::array<Place, 8>;
    static_assert(kSteps >= 4 && kSteps < std::tuple_size_v<Places>);

    static std::size_t slot(std::size_t length) { return std::min(length, kSteps + 1) - 1; }

    Weight choose(Bytes p, std::size_t size);
    Weight choose_three_byte(Bytes p, std::size_t size);
    bool walk(Bytes p, std::size_t size);
    Weight mend(Bytes p, std::size_t size);
    Place offer_longer(const Row* row, Bytes p, Bytes end, std::size_t length, Node node, Place place,
                       Choice& choice) const;
    Weight trace(Bytes p, std::size_t size);
    float limit(std::size_t size, Weight alone, Weight margin) const;

    const Scores& scores_;
    const Weights& weights_;
    std::array<Row, kLongest + 1 + kSteps + kGroup> rows_;
    std::array<Places, kLongest + kGroup> places_;
    std::vector<TokenId> ids_;
};

}  // namespace ctxpack::sentencepiece
