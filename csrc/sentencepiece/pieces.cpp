#include "sentencepiece/pieces.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <unordered_map>

#include "sentencepiece/space_symbol.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

// Limits of the reference, in bytes, and of the tables that are made of pieces.
constexpr std::size_t kLongestPiece = 7999;
constexpr std::size_t kMostPieces = 900'000;

std::string numbered(TokenId id) { return "piece " + std::to_string(id); }

}  // namespace

Pieces::Pieces(const ModelData& data)
    : text_(data.text),
      offsets_{0},
      scores_(data.scores, data.scores + data.size),
      byte_fallback_(data.byte_fallback),
      escapes_spaces_(data.escape_whitespaces) {
    if (data.size == 0) throw std::invalid_argument("it has no pieces");
    if (data.size > kMostPieces) throw std::invalid_argument("it has more than 900000 pieces");
    for (std::size_t i = 0; i < data.size; ++i) {
        offsets_.push_back(offsets_.back() + data.lengths[i]);
        types_.push_back(static_cast<PieceType>(data.types[i]));
    }
    if (offsets_.back() != text_.size()) throw std::invalid_argument("the lengths of its pieces do not add up");
    for (TokenId id = 0; id < size(); ++id) check_piece(id);
    check_distinct(data.type);
    find_special();
}

void Pieces::check_piece(TokenId id) const {
    const std::string_view piece = text(id);
    if (types_[id] < PieceType::normal || types_[id] > PieceType::byte) {
        throw std::invalid_argument(numbered(id) + " is of an unknown type");
    }
    if (piece.empty()) throw std::invalid_argument(numbered(id) + " is empty");
    if (piece.size() > kLongestPiece) throw std::invalid_argument(numbered(id) + " is too long");
    if (piece.find('\0') != std::string_view::npos && !is_ignored(id)) {
        throw std::invalid_argument(numbered(id) + " has a null character");
    }
    if (!unicode::is_valid(bytes(piece), piece.size())) {
        throw std::invalid_argument(numbered(id) + " is not UTF-8");
    }
    if (!std::isfinite(scores_[id])) throw std::invalid_argument("the score of " + numbered(id) + " is not finite");
}

// BPE looks all pieces up in one table; unigram models keep what text can be made of apart from the rest.
void Pieces::check_distinct(ModelType type) const {
    std::unordered_map<std::string_view, TokenId> found[2];
    for (TokenId id = 0; id < size(); ++id) {
        if (is_ignored(id)) continue;
        const auto [other, is_new] = found[type == ModelType::unigram && is_segment(id)].emplace(text(id), id);
        if (!is_new) throw std::invalid_argument(numbered(other->second) + " and " + numbered(id) + " are the same");
    }
}

void Pieces::find_special() {
    byte_ids_.fill(kNoToken);
    for (TokenId id = 0; id < size(); ++id) {
        if (types_[id] == PieceType::byte) find_byte(id);
        if (types_[id] != PieceType::unknown) continue;
        if (unknown_id_ != kNoToken) throw std::invalid_argument("it has two unknown pieces");
        unknown_id_ = id;
    }
    if (unknown_id_ == kNoToken && !byte_fallback_) throw std::invalid_argument("it has no unknown piece");
    if (byte_fallback_ && std::find(byte_ids_.begin(), byte_ids_.end(), kNoToken) != byte_ids_.end()) {
        throw std::invalid_argument("it falls back to bytes, but has no piece for some byte");
    }
}

// A byte's piece is spelt <0x0A>.
void Pieces::find_byte(TokenId id) {
    if (!byte_fallback_)
        throw std::invalid_argument(numbered(id) + " is a byte, but the model does not fall back to bytes");
    const std::string_view piece = text(id);
    unsigned value = 0;
    const bool spelt = piece.size() == 6 && piece.starts_with("<0x") && piece.ends_with('>') &&
                       std::from_chars(piece.data() + 3, piece.data() + 5, value, 16).ptr == piece.data() + 5 &&
                       std::none_of(piece.begin() + 3, piece.end(), [](char c) { return c >= 'a'; });
    if (!spelt) throw std::invalid_argument(numbered(id) + " is no byte");
    byte_ids_[value] = id;
}

std::uint8_t Pieces::byte(TokenId id) const {
    unsigned value = 0;
    const std::string_view piece = text(id);
    std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
    return static_cast<std::uint8_t>(value);
}

TokenId Pieces::find(std::string_view spelling) const {
    for (TokenId id = 0; id < size(); ++id) {
        if (text(id) == spelling) return id;
    }
    return kNoToken;
}

std::vector<Special> Pieces::controls() const {
    std::vector<Special> controls;
    for (TokenId id = 0; id < size(); ++id) {
        if (types_[id] == PieceType::control) controls.push_back({id, text(id)});
    }
    return controls;
}

bool Pieces::is_segment(TokenId id) const {
    const PieceType type = types_[id];
    return type == PieceType::normal || type == PieceType::user_defined || type == PieceType::unused;
}

// Some converters add a piece that is the null character; the reference looks away.
bool Pieces::is_ignored(TokenId id) const {
    return text(id) == std::string_view("\0", 1) && types_[id] == PieceType::unused;
}

// Nothing for a piece that normalized text cannot hold: one with a space, where spaces are replaced.
std::optional<std::string> Pieces::normalized(TokenId id) const {
    const std::string_view piece = text(id);
    if (!escapes_spaces_) return std::string(piece);
    if (piece.find(' ') != piece.npos) return std::nullopt;
    return with_spaces(piece);
}

Pieces::Keys Pieces::segments() const {
    Keys keys;
    for (TokenId id = 0; id < size(); ++id) {
        if (!is_segment(id) || is_ignored(id)) continue;
        if (auto key = normalized(id)) keys.emplace_back(std::move(*key), id);
    }
    return keys;
}

Pieces::Keys Pieces::raw_user_defined() const {
    Keys keys;
    for (TokenId id = 0; id < size(); ++id) {
        if (types_[id] == PieceType::user_defined) keys.emplace_back(text(id), id);
    }
    return keys;
}

Pieces::Keys Pieces::user_defined() const {
    Keys keys = segments();
    std::erase_if(keys, [this](const auto& key) { return types_[key.second] != PieceType::user_defined; });
    return keys;
}

std::size_t Pieces::unknown_tokens(Bytes p, std::size_t size) const {
    if (!byte_fallback_) return 1;
    return escapes_spaces_ && *p == ' ' ? kSpaceSymbol.size() : size;
}

void Pieces::append_unknown(Bytes p, std::size_t size, std::vector<TokenId>& ids) const {
    if (!byte_fallback_) return ids.push_back(unknown_id_);
    if (escapes_spaces_ && *p == ' ') {
        p = bytes(kSpaceSymbol);
        size = kSpaceSymbol.size();
    }
    for (std::size_t i = 0; i < size; ++i) ids.push_back(byte_ids_[p[i]]);
}

}  // namespace ctxpack::sentencepiece
