#include "sentencepiece/scores.hpp"

#include <algorithm>
#include <cfloat>
#include <limits>
#include <new>
#include <stdexcept>

namespace ctxpack::sentencepiece {
namespace {

constexpr float kUnknownPenalty = 10.0F;
// Bytes of text.
constexpr std::size_t kWithoutCharacters = std::size_t{1} << 16;

Pieces::Keys used_segments(const Pieces& pieces) {
    Pieces::Keys keys = pieces.segments();
    std::erase_if(keys, [&](const auto& key) { return pieces.type(key.second) == PieceType::unused; });
    return keys;
}

}  // namespace

Scores::Scores(const Pieces& pieces) : pieces_(pieces), add_(add_scores_for(cpu::best_level())) {
    if (pieces.segments().empty()) throw std::invalid_argument("none of its pieces can stand in a text");
    find_unknown();
    scores_.resize(pieces.size());
    for (TokenId id = 0; id < pieces.size(); ++id) scores_[id] = piece_score(id);
    const Pieces::Keys used = used_segments(pieces);
    for (const auto& piece : used) longest_piece_ = std::max(longest_piece_, piece.first.size());
    weights_ = std::make_unique<Weights>(used, scores_, unknown_);
    three_byte_pieces_ = std::make_unique<ThreeBytePieces>(used, *weights_);
}

// Written to only at first, so that threads do not wait for each other. No exception may leave call_once: where the
// system's C library does not unwind, as musl, it ends the process, elsewhere later calls may wait for ever.
const CharacterTrie* Scores::characters(std::size_t bytes) const {
    if (asked_for_.load(std::memory_order_relaxed) < kWithoutCharacters) {
        asked_for_.fetch_add(bytes, std::memory_order_relaxed);
        return nullptr;
    }
    std::call_once(characters_made_, [this] {
        try {
            characters_ = CharacterTrie::make(pieces_, used_segments(pieces_), scores_, unknown_);
        } catch (const std::bad_alloc&) {
        }
    });
    return characters_.get();
}

void Scores::find_unknown() {
    float lowest = FLT_MAX;
    for (TokenId id = 0; id < pieces_.size(); ++id) {
        if (pieces_.type(id) == PieceType::normal) lowest = std::min(lowest, pieces_.score(id));
    }
    unknown_ = lowest - kUnknownPenalty;
    const bool told = !pieces_.byte_fallback() && unknown_ < 0;
    unknown_alone_ = told ? unknown_ : std::numeric_limits<float>::quiet_NaN();
}

float Scores::piece_score(TokenId id) const {
    switch (pieces_.type(id)) {
        case PieceType::unknown:
            return unknown_;
        case PieceType::byte:
            return unicode::is_continuation(pieces_.byte(id)) ? 0.0F : unknown_;
        case PieceType::user_defined:  // so that it wins over its parts
            return static_cast<float>(0.1 * (static_cast<double>(pieces_.text(id).size()) - 1));
        default:
            return pieces_.score(id);
    }
}

}  // namespace ctxpack::sentencepiece
