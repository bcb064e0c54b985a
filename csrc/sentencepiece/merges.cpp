#include "sentencepiece/merges.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

namespace ctxpack::sentencepiece {
namespace {

constexpr std::uint32_t kPoints = 0x110000;
constexpr TokenId kMostSymbols = PairTable::kNobody;

unicode::Character first_character(std::string_view text) { return unicode::decode(bytes(text)); }

// Numbers in the order of their floats, -0 before +0.
std::uint32_t ordered(float score) {
    const auto bits = std::bit_cast<std::uint32_t>(score);
    return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
}

struct Merge {
    TokenId left;
    TokenId right;
    TokenId merged;
};

}  // namespace

Merges::Merges(const Pieces& pieces)
    : pieces_(pieces), user_defined_(pieces.user_defined()), pages_(kPoints / kPage), characters_(kPage, kNoToken) {
    for (const auto& key : pieces.user_defined())
        longest_user_defined_ = std::max(longest_user_defined_, key.first.size());
    const Pieces::Keys segments = pieces.segments();
    for (const auto& segment : segments) has_unused_ |= pieces.type(segment.second) == PieceType::unused;
    index_characters(segments);
    index_pairs(segments);
    rank_pieces(segments);
}

TokenId& Merges::character(std::uint32_t point) {
    std::uint32_t& page = pages_[point / kPage];
    if (page == 0) {
        page = static_cast<std::uint32_t>(characters_.size());
        characters_.resize(characters_.size() + kPage, kNoToken);
    }
    return characters_[page + point % kPage];
}

void Merges::index_characters(const Pieces::Keys& segments) {
    for (const auto& [text, id] : segments) {
        if (first_character(text).length == text.size()) character(first_character(text).point) = id;
    }
    auto symbol_count = static_cast<TokenId>(pieces_.size());
    for (const auto& [text, id] : segments) {
        for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(first_character(rest).length)) {
            TokenId& symbol = character(first_character(rest).point);
            if (symbol == kNoToken) symbol = symbol_count++;
        }
    }
    if (symbol_count > kMostSymbols) throw std::invalid_argument("its pieces have too many characters");
}

void Merges::index_pairs(const Pieces::Keys& segments) {
    std::unordered_map<std::string_view, TokenId> ids(segments.begin(), segments.end());
    const auto symbol = [&](std::string_view text) {
        if (first_character(text).length == text.size()) return character(first_character(text).point);
        const auto found = ids.find(text);
        return found == ids.end() ? kNoToken : found->second;
    };
    std::vector<Merge> merges;
    for (const auto& [text, id] : segments) {
        const std::string_view piece = text;
        for (std::size_t at = first_character(piece).length; at < piece.size();) {
            const TokenId left = symbol(piece.substr(0, at));
            const TokenId right = left == kNoToken ? kNoToken : symbol(piece.substr(at));
            if (right != kNoToken) merges.push_back({left, right, id});
            at += first_character(piece.substr(at)).length;
        }
    }
    pairs_ = std::make_unique<PairTable>(merges.size());
    for (const Merge& merge : merges) pairs_->insert(pairs_->query(merge.left, merge.right), merge.merged);
}

void Merges::rank_pieces(const Pieces::Keys& segments) {
    std::vector<TokenId> order(pieces_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto better = [this](TokenId a, TokenId b) { return ordered(pieces_.score(a)) > ordered(pieces_.score(b)); };
    std::sort(order.begin(), order.end(), better);
    ranks_.resize(order.size());
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && better(order[i - 1], order[i])) ++rank;
        ranks_[order[i]] = rank;
    }
    // Segments come by their ids, so ids serve as ranks where ranks rise from each to the next.
    const auto out_of_order = [this](const auto& a, const auto& b) { return ranks_[a.second] >= ranks_[b.second]; };
    if (std::adjacent_find(segments.begin(), segments.end(), out_of_order) == segments.end()) ranks_.clear();
}

Trie::Match Merges::user_defined(Bytes p, Bytes end) const { return user_defined_.longest(p, end); }

}  // namespace ctxpack::sentencepiece
