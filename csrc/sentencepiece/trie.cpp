#include "sentencepiece/trie.hpp"

#include <algorithm>
#include <stdexcept>

namespace ctxpack::sentencepiece {
namespace {

using Keys = std::vector<std::pair<std::string, TokenId>>;

std::size_t shared_bytes(const std::string& left, const std::string& right) {
    return static_cast<std::size_t>(
        std::mismatch(left.begin(), left.end(), right.begin(), right.end()).first - left.begin());
}

// Sorts the keys; then every key adds the nodes that the one before it does not share.
std::size_t count_nodes(Keys& keys) {
    std::sort(keys.begin(), keys.end());
    std::size_t nodes = 1;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        nodes += keys[i].first.size() - (i > 0 ? shared_bytes(keys[i - 1].first, keys[i].first) : 0);
    }
    return nodes;
}

}  // namespace

Trie::Trie(Keys keys)
    : values_{kNoToken},
      shift_(static_cast<unsigned>(64 - std::bit_width(count_nodes(keys) * 2))),
      edges_(std::size_t{1} << (64 - shift_)) {
    std::vector<Node> path{kRoot};
    std::string_view before;
    for (const auto& [text, id] : keys) {
        path.resize(std::min(path.size(), shared_bytes(std::string(before), text) + 1));
        while (path.size() <= text.size()) {
            path.push_back(add(path.back(), static_cast<std::uint8_t>(text[path.size() - 1])));
        }
        values_[path.back()] = id;
        before = text;
    }
}

Trie::Node Trie::add(Node parent, std::uint8_t byte) {
    const auto child = static_cast<Node>(values_.size());
    if (child > kChild) throw std::invalid_argument("its pieces are too many and too long");
    values_.push_back(kNoToken);
    if (parent == kRoot) first_[byte] = child;
    std::size_t at = slot(key(parent, byte));
    while (edges_[at] != 0) at = (at + 1) & (edges_.size() - 1);
    edges_[at] = key(parent, byte) << kChildBits | child;
    return child;
}

Trie::Match Trie::longest(Bytes p, Bytes end, unsigned most) const {
    Match found;
    Node node = first(*p);
    for (Bytes q = p + 1; node != kNone; ++q) {
        if (value(node) != kNoToken) {
            found = {static_cast<std::size_t>(q - p), value(node)};
            if (--most == 0) break;
        }
        if (q == end) break;
        node = next(node, *q);
    }
    return found;
}

}  // namespace ctxpack::sentencepiece
