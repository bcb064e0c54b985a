#include "sentencepiece/trie.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace ctxpack::sentencepiece {
namespace {

using Keys = std::vector<std::pair<std::string, TokenId>>;

constexpr std::size_t kBytes = 256;
constexpr std::size_t kBits = 64;
// A base is looked for in that many words of the maps before their end; places that are free before stay so.
constexpr std::size_t kSearched = 32;

// The sorted keys that go through a node, how many bytes of them lead there, and its unit.
struct Range {
    std::size_t first;
    std::size_t last;
    std::size_t depth;
    std::size_t unit;
};

}  // namespace

// Finds places for units. Two nodes never share a base, so that a unit's label tells whose child it is.
class Trie::Builder {
public:
    Builder(const Keys& keys, std::vector<Node>& units) : keys_(keys), units_(units) { grow(); }

    void build() {
        std::vector<Range> ranges;  // the last one is next
        if (!keys_.empty()) ranges.push_back({0, keys_.size(), 0, kRoot});
        while (!ranges.empty()) {
            const Range node = ranges.back();
            ranges.pop_back();
            const std::vector<Range> children = split(node);
            if (children.empty()) continue;
            const std::size_t base = find_base(children);
            flip(bases_, base);
            units_[node.unit] |= Node{base} << kBaseShift;
            for (auto child = children.rbegin(); child != children.rend(); ++child) {
                ranges.push_back(*child);
                ranges.back().unit = place(*child, base + label(*child));
            }
        }
    }

private:
    std::uint8_t label(const Range& child) const {
        return static_cast<std::uint8_t>(keys_[child.first].first[child.depth - 1]);
    }
    bool ends_at(const Range& node) const { return keys_[node.first].first.size() == node.depth; }

    std::vector<Range> split(const Range& node) const {
        std::vector<Range> children;
        std::size_t at = node.first + ends_at(node);
        while (at < node.last) {
            const std::size_t start = at;
            const char label = keys_[at].first[node.depth];
            while (at < node.last && keys_[at].first[node.depth] == label) ++at;
            children.push_back({start, at, node.depth + 1, 0});
        }
        return children;
    }

    std::size_t place(const Range& child, std::size_t at) {
        flip(free_, at);
        const Node value = ends_at(child) ? keys_[child.first].second : kNoValue;
        units_[at] = value << kValueShift | label(child);
        return at;
    }

    // A base that no other node has and after which all the children's places are free.
    std::size_t find_base(const std::vector<Range>& children) {
        const std::size_t first = kBytes / kBits;
        for (std::size_t word = std::max(first, bases_.size() - std::min(bases_.size(), kSearched));; ++word) {
            while (word + kBytes / kBits + 1 > bases_.size()) grow();
            std::uint64_t fits = ~bases_[word];
            for (std::size_t i = 0; i < children.size() && fits != 0; ++i) {
                fits &= free_at(word * kBits + label(children[i]));
            }
            if (fits != 0) return word * kBits + static_cast<std::size_t>(std::countr_zero(fits));
        }
    }

    // Bit i is set where the place `at` + i is free.
    std::uint64_t free_at(std::size_t at) const {
        const std::size_t word = at / kBits, shift = at % kBits;
        return shift == 0 ? free_[word] : free_[word] >> shift | free_[word + 1] << (kBits - shift);
    }
    static void flip(std::vector<std::uint64_t>& map, std::size_t at) {
        map[at / kBits] ^= std::uint64_t{1} << at % kBits;
    }
    // Any byte may be added to a base.
    void grow() {
        if (units_.size() >> kBaseShift != 0) throw std::invalid_argument("its pieces are too long");
        units_.resize(units_.size() + kBytes, kNone);
        free_.resize(units_.size() / kBits, ~std::uint64_t{0});
        bases_.resize(units_.size() / kBits);
    }

    const Keys& keys_;
    std::vector<Node>& units_;
    std::vector<std::uint64_t> free_;   // places without a unit
    std::vector<std::uint64_t> bases_;  // that nodes have
};

Trie::Trie(Keys keys) {
    std::sort(keys.begin(), keys.end());
    Builder(keys, units_).build();
}

Trie::Match Trie::longest(Bytes p, Bytes end) const {
    Match found;
    unsigned matches = 0;
    Node node = first(*p);
    for (Bytes q = p + 1; node != kNone; ++q) {
        if (has_value(node)) {
            found = {static_cast<std::size_t>(q - p), value(node)};
            if (++matches == kMostMatches) break;
        }
        if (q == end) break;
        node = next(node, *q);
    }
    return found;
}

}  // namespace ctxpack::sentencepiece
