// The pieces of a model: checked, and looked up by id.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoding/specials.hpp"
#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

// As numbered in the model file.
enum class PieceType : std::uint8_t { normal = 1, unknown, control, user_defined, unused, byte };

enum class ModelType { bpe, unigram };

// What a model file holds, as views. Piece i has lengths[i] bytes of `text`, one score and one type.
struct ModelData {
    ModelType type;
    std::size_t size;
    const std::uint32_t* lengths;
    const float* scores;
    const std::uint8_t* types;
    std::string_view text;
    std::string_view charsmap;
    std::string_view unknown_surface;
    bool byte_fallback;
    bool add_dummy_prefix;
    bool remove_extra_whitespaces;
    bool escape_whitespaces;
    bool whitespace_as_suffix;
};

class Pieces {
public:
    using Keys = std::vector<std::pair<std::string, TokenId>>;

    // Throws std::invalid_argument where the reference would refuse the model, and where a piece is not UTF-8.
    explicit Pieces(const ModelData& data);

    std::size_t size() const { return types_.size(); }
    std::string_view text(TokenId id) const {
        return std::string_view(text_).substr(offsets_[id], offsets_[id + 1] - offsets_[id]);
    }
    float score(TokenId id) const { return scores_[id]; }
    PieceType type(TokenId id) const { return types_[id]; }

    // The piece that the model spells so, or kNoToken. O(pieces).
    TokenId find(std::string_view spelling) const;
    // The pieces that no text becomes, as views.
    std::vector<Special> controls() const;

    // kNoToken where the model has none; then it has a piece for every byte.
    TokenId unknown_id() const { return unknown_id_; }
    bool byte_fallback() const { return byte_fallback_; }
    // The byte that a piece of type byte stands for.
    std::uint8_t byte(TokenId id) const;

    // The pieces that normalized text can be made of (normal, user-defined and unused ones), as they stand in it.
    Keys segments() const;
    // User-defined pieces as they stand in text that is not normalized yet, and in text that is.
    Keys raw_user_defined() const;
    Keys user_defined() const;

    // Appends what becomes of a character that no piece covers: its bytes, or the unknown piece.
    void append_unknown(Bytes p, std::size_t size, std::vector<TokenId>& ids) const;
    // How many tokens that are.
    std::size_t unknown_tokens(Bytes p, std::size_t size) const;

private:
    bool is_segment(TokenId id) const;
    bool is_ignored(TokenId id) const;
    std::optional<std::string> normalized(TokenId id) const;
    void check_piece(TokenId id) const;
    void check_distinct(ModelType type) const;
    void find_special();
    void find_byte(TokenId id);

    std::string text_;
    std::vector<std::size_t> offsets_;
    std::vector<float> scores_;
    std::vector<PieceType> types_;
    bool byte_fallback_;
    bool escapes_spaces_;
    TokenId unknown_id_ = kNoToken;
    std::array<TokenId, 256> byte_ids_;
};

}  // namespace ctxpack::sentencepiece
