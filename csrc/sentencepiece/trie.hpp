// Strings and the tokens they stand for, walked byte by byte.
#pragma once

#include <array>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "bpe/piece.hpp"
#include "bpe/table.hpp"
#include "sentencepiece/types.hpp"

namespace ctxpack::sentencepiece {

// Nodes are numbered from the root, 0. Edges lie in one open-addressing table of 8-byte slots: node (32 bits), byte
// (8 bits), child (24 bits); zero is empty, for no edge leads to the root.
class Trie {
public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr Node kNone = 0;  // no edge there

    // Keys must be distinct and without null bytes. Throws std::invalid_argument where they have too many bytes.
    // O(bytes, and sorting the keys).
    explicit Trie(std::vector<std::pair<std::string, TokenId>> keys);

    bool empty() const { return values_.size() == 1; }

    Node first(std::uint8_t byte) const { return first_[byte]; }
    Node next(Node node, std::uint8_t byte) const {
        const std::uint64_t wanted = key(node, byte);
        for (std::size_t at = slot(wanted); edges_[at] != 0; at = (at + 1) & (edges_.size() - 1)) {
            if (edges_[at] >> kChildBits == wanted) return static_cast<Node>(edges_[at] & kChild);
        }
        return kNone;
    }
    // The token of the key that ends there, or kNoToken.
    TokenId value(Node node) const { return values_[node]; }

    struct Match {
        std::size_t size = 0;  // bytes, 0 where no key matches
        TokenId value = kNoToken;
    };

    // The longest key that [p, end) begins with, among the `most` shortest ones. O(bytes of that key).
    Match longest(Bytes p, Bytes end, unsigned most) const;

private:
    static constexpr unsigned kChildBits = 24;
    static constexpr std::uint64_t kChild = (std::uint64_t{1} << kChildBits) - 1;

    static std::uint64_t key(Node node, std::uint8_t byte) { return std::uint64_t{node} << 8 | byte; }
    std::size_t slot(std::uint64_t key) const { return ((key ^ key >> 29) * bpe::kMix1) >> shift_; }
    Node add(Node parent, std::uint8_t byte);

    std::array<Node, 256> first_{};
    std::vector<TokenId> values_;
    unsigned shift_;
    bpe::Table<std::uint64_t> edges_;
};

}  // namespace ctxpack::sentencepiece
