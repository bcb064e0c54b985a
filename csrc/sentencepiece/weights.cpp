#include "sentencepiece/weights.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ctxpack::sentencepiece {
namespace {

constexpr std::size_t kBytes = 256, kAscii = 128;
// Scores may all be zero.
constexpr double kSmallest = 1;
constexpr std::size_t kMostNodes = std::size_t{1} << 24;

}  // namespace

Weights::Weights(const Pieces::Keys& pieces, std::span<const float> scores, float unknown)
    : largest_(std::fabs(unknown)), highest_(std::max(unknown, 0.0F)) {
    for (const auto& [text, id] : pieces) {
        largest_ = std::max(largest_, std::fabs(static_cast<double>(scores[id])));
        highest_ = std::max(highest_, static_cast<double>(scores[id]));
    }
    scale_ = static_cast<double>(kLargest - kLengths) / std::max(largest_, kSmallest);
    unknown_ = whole(unknown);
    std::vector<Weight> weights(scores.size());
    for (const auto& [text, id] : pieces) weights[id] = whole(scores[id]) + static_cast<Weight>(text.size() % kLengths);
    copy(Trie(pieces), weights);
}

Weights::Weight Weights::whole(float score) const {
    return static_cast<Weight>(std::floor(score * scale_ / kLengths)) * kLengths;
}

void Weights::copy(const Trie& trie, const std::vector<Weight>& weights) {
    const std::span<const Trie::Node> nodes = trie.nodes();
    if (kNodes + nodes.size() > kMostNodes) throw std::invalid_argument("its pieces are too long");
    nodes_.assign(kNodes + nodes.size(), kNone);
    ids_.assign(nodes_.size(), kNoToken);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const TokenId id = ids_[kNodes + i] = trie.value(nodes[i]);
        const std::uint32_t base = Trie::base(nodes[i]);
        nodes_[kNodes + i] = node(id == kNoToken ? kNoWeight : weights[id], base == 0 ? 0 : kNodes + base,
                                  static_cast<std::uint8_t>(nodes[i]));
    }
    shorten();
}

// Fills the places of one byte and of two.
void Weights::shorten() {
    const Node root = nodes_[kNodes];
    for (std::size_t first = 0; first < kBytes; ++first) {
        const auto byte = static_cast<std::uint8_t>(first);
        if (first < kAscii) nodes_[alone(byte)] = node(unknown(1), 0, kInNoText);
        const Place place = next(root, byte);
        const Node one = at(place, byte, kNone);
        if (first < kAscii && has_weight(one)) copy(place, alone(byte));
        for (std::size_t second = 0; second < kBytes; ++second) {
            const std::uint8_t two[2] = {byte, static_cast<std::uint8_t>(second)};
            if (at(next(one, two[1]), two[1], kNone) != kNone) copy(next(one, two[1]), pair(two));
        }
    }
}

void Weights::copy(Place from, Place to) {
    nodes_[to] = nodes_[from] | kInNoText;
    ids_[to] = ids_[from];
}

Weights::Place Weights::find(Bytes p, std::size_t size) const {
    Place place = pair(p);
    for (std::size_t i = 2; i < size; ++i) place = next(nodes_[place], p[i]);
    return place;
}

}  // namespace ctxpack::sentencepiece
