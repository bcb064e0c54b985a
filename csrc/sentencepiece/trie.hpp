// Strings and the tokens they stand for, walked byte by byte.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

// A double array: the children of a node lie where their labels say, counted from a base that is the node's own, so
// that a step is one load. Those of all keys that begin alike are placed together, for they are met together: a walk
// stays within a few cache lines.
class Trie {
public:
    // The unit of a node: its base (32 bits), the token of the key that ends there or kNoValue (23 bits), and the byte
    // that leads to it (9 bits).
    using Node = std::uint64_t;
    // Nothing there, for this is no byte. Its base has no children.
    static constexpr Node kNone = 0xFFFFFFFF;

    // Keys must be distinct and not empty. O(bytes, and sorting the keys).
    explicit Trie(std::vector<std::pair<std::string, TokenId>> keys);

    bool empty() const { return units_[kRoot] == kNone; }

    Node first(std::uint8_t byte) const { return next(units_[kRoot], byte); }
    Node next(Node node, std::uint8_t byte) const {
        const Node found = units_[(node >> kBaseShift) + byte];
        return (found & kLabel) == byte ? found : kNone;
    }
    // The token of the key that ends there, or kNoToken.
    TokenId value(Node node) const {
        return has_value(node) ? static_cast<TokenId>(node >> kValueShift & kNoValue) : kNoToken;
    }
    bool has_value(Node node) const { return (node >> kValueShift & kNoValue) != kNoValue; }
    // Never 0 if there are children.
    static std::uint32_t base(Node node) { return static_cast<std::uint32_t>(node >> kBaseShift); }

    struct Match {
        std::size_t size = 0;  // bytes, 0 where no key matches
        TokenId value = kNoToken;
    };

    // All units, the root first, also those that no node has.
    const std::vector<Node>& nodes() const { return units_; }

    // The reference stops at that many keys that are beginnings of each other.
    static constexpr unsigned kMostMatches = 64;

    // The longest key that [p, end) begins with, among the kMostMatches shortest ones. O(bytes of that key).
    Match longest(Bytes p, Bytes end) const;

private:
    class Builder;

    static constexpr unsigned kValueShift = 9;
    static constexpr unsigned kBaseShift = 32;
    static constexpr Node kLabel = (Node{1} << kValueShift) - 1;
    static constexpr Node kNoValue = (Node{1} << (kBaseShift - kValueShift)) - 1;

    // The root is the first of the 256 units at base 0, which are no node's children.
    static constexpr std::size_t kRoot = 0;
    std::vector<Node> units_;
};

}  // namespace ctxpack::sentencepiece
