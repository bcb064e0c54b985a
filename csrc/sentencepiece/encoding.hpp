// A SentencePiece model as an encoding.
#pragma once

#include "encoding/encoding.hpp"
#include "sentencepiece/decoder.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/tokenizer.hpp"

namespace ctxpack::sentencepiece {

// Each call borrows a workspace: caches and scratch space, some 2 MB and at most some 45, kept for later calls but for
// what texts of more than 4 MB and long words took. So there are never more of them than there were calls at once.
class Encoding final : public ctxpack::Encoding {
public:
    // Throws std::invalid_argument where the model is damaged.
    explicit Encoding(const ModelData& data) : Encoding(Pieces(data), data) {}

    std::size_t n_vocab() const override { return pieces_.size(); }

    // O(bytes) where the text can be cut into words; a run of n bytes with no place to cut costs O(n log n) by
    // merging, O(n) by scores.
    using ctxpack::Encoding::count;
    using ctxpack::Encoding::encode;
    std::size_t count(std::string_view text) const override { return tokenizer_->count(text); }
    std::vector<TokenId> encode(std::string_view text) const override { return tokenizer_->encode(text); }
    std::string decode(std::span<const TokenId> ids) const override { return decoder_.bytes(ids); }
    // Decodes as the reference does: U+FFFD for every byte of an incomplete character.
    std::string decode_repaired(std::span<const TokenId> ids) const { return decoder_.text(ids); }
    // O(pieces).
    TokenId token(std::string_view spelling) const override { return pieces_.find(spelling); }

    std::unique_ptr<ctxpack::Offsets> offsets(std::string_view text) const override;
    std::unique_ptr<ctxpack::Counter> counter() const override;
    std::size_t fit_head(std::string_view text, std::size_t tokens) const override;
    std::size_t fit_tail(std::string_view text, std::size_t tokens) const override;

private:
    Encoding(Pieces pieces, const ModelData& data);

    Pieces pieces_;
    Decoder decoder_;
    std::unique_ptr<const Tokenizer> tokenizer_;
};

}  // namespace ctxpack::sentencepiece
