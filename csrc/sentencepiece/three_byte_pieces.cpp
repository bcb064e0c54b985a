#include "sentencepiece/three_byte_pieces.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace ctxpack::sentencepiece {
namespace {

constexpr std::size_t kFewestLines = 2;

}  // namespace

ThreeBytePieces::ThreeBytePieces(const Pieces::Keys& pieces, const Weights& weights)
    : characters_(kPoints, {static_cast<std::int32_t>(weights.unknown(kBytes)), Weights::unknown_place()}) {
    std::unordered_map<std::uint32_t, Pair> pairs;
    for (const auto& [text, id] : pieces) {
        const Bytes p = bytes(text);
        if (!is_three_byte_lead(*p)) continue;
        const Weights::Place first = weights.find(p, kBytes);
        if (text.size() == kBytes) {
            characters_[point(p)] = {static_cast<std::int32_t>(Weights::weight(weights.at(first))), first};
        } else if (is_three_byte_lead(p[kBytes])) {
            const Weights::Place second = weights.find(p, 2 * kBytes);
            pairs.try_emplace(key_of(point(p), point(p + kBytes)), Pair{weights.at(second), second});
        }
    }
    lines_.resize(std::bit_ceil(std::max(pairs.size() / 2, kFewestLines)));
    shift_ = 32 - static_cast<unsigned>(std::countr_zero(lines_.size()));
    for (const auto& [key, pair] : pairs) insert(key, pair);
}

void ThreeBytePieces::insert(std::uint32_t key, const Pair& pair) {
    std::size_t at = home(key);
    while (lines_[at].keys[kWays - 1] != kEmpty) at = next(at);
    Line& line = lines_[at];
    std::size_t way = 0;
    while (line.keys[way] != kEmpty) ++way;
    line.keys[way] = key;
    line.nodes[way] = pair.node;
    line.places[way] = pair.place;
}

}  // namespace ctxpack::sentencepiece
