#include "sentencepiece/trie.hpp"

#include <algorithm>

namespace ctxpack::sentencepiece {
namespace {

// The sorted keys that go through a node, and how many bytes of them lead there.
struct Range {
    std::size_t first;
    std::size_t last;
    std::size_t depth;
};

}  // namespace

Trie::Trie(std::vector<std::pair<std::string, TokenId>> keys) : labels_{0} {
    std::sort(keys.begin(), keys.end());
    std::vector<Range> ranges{{0, keys.size(), 0}};
    for (std::size_t node = 0; node < ranges.size(); ++node) {
        auto [at, last, depth] = ranges[node];
        nodes_.push_back({static_cast<std::uint32_t>(ranges.size()), kNoToken});
        if (at < last && keys[at].first.size() == depth) nodes_.back().value = keys[at++].second;
        while (at < last) {
            const std::size_t start = at;
            const char label = keys[at].first[depth];
            while (at < last && keys[at].first[depth] == label) ++at;
            ranges.push_back({start, at, depth + 1});
            labels_.push_back(static_cast<std::uint8_t>(label));
        }
    }
    nodes_.push_back({static_cast<std::uint32_t>(ranges.size()), kNoToken});
    for (unsigned byte = 0; byte < 256; ++byte) first_[byte] = next(kRoot, static_cast<std::uint8_t>(byte));
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
