#include "sentencepiece/wide_pieces.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

namespace ctxpack::sentencepiece {
namespace {

constexpr std::size_t kFewestLines = 2;

std::uint32_t base_of(const Trie& trie, Bytes p, std::size_t size) {
    Trie::Node node = trie.first(*p);
    for (std::size_t i = 1; i < size; ++i) node = trie.next(node, p[i]);
    return Trie::base(node);
}

}  // namespace

WidePieces::WidePieces(const std::vector<std::pair<std::string, TokenId>>& pieces, const std::vector<float>& scores,
                       float unknown, const Trie& trie)
    : characters_(kPoints, {unknown, kNoToken}), largest_(std::fabs(unknown)) {
    std::unordered_map<std::uint32_t, Pair> pairs;
    for (const auto& [text, id] : pieces) {
        const Piece piece{scores[id], id};
        largest_ = std::max(largest_, std::fabs(static_cast<double>(piece.score)));
        const auto* const p = reinterpret_cast<Bytes>(text.data());
        if (text.size() == kBytes && is_wide(*p)) characters_[point(p)] = piece;
        if (text.size() < 2 * kBytes || !is_wide(*p) || !is_wide(p[kBytes])) continue;
        const std::uint32_t key = key_of(point(p), point(p + kBytes));
        Pair& pair = pairs.try_emplace(key, Pair{{kNever, kNoToken}, 0}).first->second;
        if (text.size() == 2 * kBytes) {
            pair.piece = piece;
        } else {
            pair.base = base_of(trie, p, 2 * kBytes);
        }
    }
    lines_.resize(std::bit_ceil(std::max(pairs.size() / 2, kFewestLines)));
    shift_ = 32 - static_cast<unsigned>(std::countr_zero(lines_.size()));
    for (const auto& [key, pair] : pairs) insert(key, pair);
}

void WidePieces::insert(std::uint32_t key, const Pair& pair) {
    std::size_t at = home(key);
    while (lines_[at].keys[kWays - 1] != kEmpty) at = next(at);
    Line& line = lines_[at];
    std::size_t way = 0;
    while (line.keys[way] != kEmpty) ++way;
    line.keys[way] = key;
    line.scores[way] = pair.piece.score;
    line.ids[way] = pair.piece.id;
    line.bases[way] = pair.base;
}

}  // namespace ctxpack::sentencepiece
