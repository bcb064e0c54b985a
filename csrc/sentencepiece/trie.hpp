// Strings and the tokens they stand for, walked byte by byte.
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "sentencepiece/types.hpp"

namespace ctxpack::sentencepiece {

// Nodes are numbered level by level from the root, 0, so that the children of a node stand side by side, and the nodes
// that are met most often share a few cache lines.
class Trie {
public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr Node kNone = 0;  // nothing there, for no edge leads to the root

    // Keys must be distinct and not empty. O(bytes, and sorting the keys).
    explicit Trie(std::vector<std::pair<std::string, TokenId>> keys);

    bool empty() const { return labels_.size() == 1; }

    Node first(std::uint8_t byte) const { return first_[byte]; }
    Node next(Node node, std::uint8_t byte) const {
        const std::uint32_t begin = nodes_[node].children;
        const std::uint32_t end = nodes_[node + 1].children;
        const void* const found = std::memchr(labels_.data() + begin, byte, end - begin);
        return found == nullptr ? kNone : static_cast<Node>(static_cast<Bytes>(found) - labels_.data());
    }
    // The token of the key that ends there, or kNoToken.
    TokenId value(Node node) const { return nodes_[node].value; }

    struct Match {
        std::size_t size = 0;  // bytes, 0 where no key matches
        TokenId value = kNoToken;
    };

    // The longest key that [p, end) begins with, among the `most` shortest ones. O(bytes of that key).
    Match longest(Bytes p, Bytes end, unsigned most) const;

private:
    // Number of the first child, whose last one stands before the first of the next node; and the token.
    struct Entry {
        std::uint32_t children;
        TokenId value;
    };

    std::array<Node, 256> first_{};
    std::vector<Entry> nodes_;
    std::vector<std::uint8_t> labels_;  // of every node the byte that leads to it
};

}  // namespace ctxpack::sentencepiece
