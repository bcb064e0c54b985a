// The pieces of a unigram model, walked byte by byte, with scores in whole numbers. A weight holds the length of its
// piece in the lowest bits, so that the largest of some sums tells which piece it starts with.
#pragma once

#include <cstring>
#include <span>
#include <vector>

#include "encoding/types.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/trie.hpp"

namespace ctxpack::sentencepiece {

// Immutable, so safe to share.
class Weights {
public:
    // The score of a piece times `scale`, rounded down to a multiple of kLengths, and its bytes, if they are below
    // that.
    using Weight = std::int64_t;
    static constexpr Weight kLengths = 64;
    // No weight is further from zero.
    static constexpr Weight kLargest = Weight{1} << 27;
    // Of what is no piece: lower than any 16 others together.
    static constexpr Weight kNoWeight = -(Weight{1} << 31);

    // What some bytes lead to: a weight (32 bits), where the nodes after it are counted from (24), and the last byte
    // (8); compare Trie. Nodes of one byte or two are found without asking for that byte and have kInNoText.
    using Node = std::uint64_t;
    using Place = std::uint32_t;
    static constexpr std::uint8_t kInNoText = 0xFF;
    static constexpr Node kNone = static_cast<Node>(kNoWeight) << 32 | kInNoText;

    // Of distinct pieces, the scores of all tokens, and that of a character that is no piece. O(bytes, and sorting
    // them). Throws std::invalid_argument where pieces are too long together.
    Weights(const Pieces::Keys& pieces, std::span<const float> scores, float unknown);

    static Weight weight(Node node) { return static_cast<std::int64_t>(node) >> 32; }
    static Node with_weight(Node other, Weight weight) {
        return static_cast<Node>(weight) << 32 | (other & 0xFFFFFFFF);
    }
    static bool has_weight(Node node) { return weight(node) != kNoWeight; }
    static bool has_children(Node node) { return base(node) != 0; }

    // Where a character of ASCII is, by itself: it weighs as much as an unknown one if it is no piece.
    static Place alone(std::uint8_t character) { return kPairs + character; }
    // Where two bytes lead to.
    static Place pair(Bytes p) {
        std::uint16_t bytes;
        std::memcpy(&bytes, p, sizeof bytes);
        return bytes;
    }
    // Where one more does, if there is a node of that byte.
    static Place next(Node node, std::uint8_t byte) { return base(node) + byte; }
    Node at(Place place) const { return nodes_[place]; }
    // The node of that byte, or `none`: kNone, which is handed in because compilers make a branch of a constant.
    Node at(Place place, std::uint8_t byte, Node none) const {
        const Node found = nodes_[place];
        return static_cast<std::uint8_t>(found) == byte ? found : none;
    }
    Node none() const { return none_; }
    // Where two bytes or more lead to; they must begin some piece.
    Place find(Bytes p, std::size_t size) const;

    // The token there, kNoToken where there is none.
    TokenId id(Place place) const { return ids_[place]; }
    static Place unknown_place() { return alone(kInNoText); }
    // Of an unknown character of that many bytes.
    Weight unknown(std::size_t bytes) const { return unknown_ + static_cast<Weight>(bytes); }

    double scale() const { return scale_; }
    // The score furthest from zero, without its sign, and the highest, or 0 if that is higher.
    double largest() const { return largest_; }
    double highest() const { return highest_; }

private:
    static constexpr Place kPairs = 0x10000;
    static constexpr Place kNodes = kPairs + 0x100;  // after those of pairs and of characters

    static std::uint32_t base(Node node) { return static_cast<std::uint32_t>(node) >> 8; }
    static Node node(Weight weight, std::uint32_t base, std::uint8_t byte) {
        return static_cast<Node>(weight) << 32 | static_cast<Node>(base) << 8 | byte;
    }
    Weight whole(float score) const;
    void copy(const Trie& trie, const std::vector<Weight>& weights);
    void copy(Place from, Place to);
    void shorten();

    std::vector<Node> nodes_;
    std::vector<TokenId> ids_;
    Node none_ = kNone;
    double scale_, largest_, highest_;
    Weight unknown_;
};

}  // namespace ctxpack::sentencepiece
