// A SentencePiece model as an encoding: counts, encodes and decodes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cpu/level.hpp"
#include "sentencepiece/decoder.hpp"
#include "sentencepiece/pieces.hpp"

namespace ctxpack::sentencepiece {

// Normaliser and segmenter of one kind of model. Thread-safety as of Encoding.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    virtual std::size_t count(std::string_view text) const = 0;
    virtual std::vector<TokenId> encode(std::string_view text) const = 0;
};

// Thread-safety: every method may be called from any number of threads at once. Each call borrows a workspace (caches
// and scratch space, some 20 MB beside the longest text, kept for later calls), so there are never more of
// them than there were calls at once.
class Encoding {
public:
    // For a processor of that level. Throws std::invalid_argument where the model is damaged.
    explicit Encoding(const ModelData& data, cpu::Level level = cpu::best_level());

    std::size_t n_vocab() const { return pieces_.size(); }

    // Number of tokens of valid UTF-8. O(bytes) where the text can be cut into words; a stretch of n bytes with no
    // place to cut costs O(n log n) by merging, O(n) by scores.
    std::size_t count(std::string_view text) const { return tokenizer_->count(text); }
    // The numbers of tokens of several texts, on up to `threads` threads.
    std::vector<std::size_t> count_batch(std::span<const std::string_view> texts, std::size_t threads) const;
    std::vector<TokenId> encode(std::string_view text) const { return tokenizer_->encode(text); }
    // The text of the tokens; throw std::invalid_argument naming an id that is no token. O(bytes).
    std::string decode(std::span<const TokenId> ids) const { return decoder_.text(ids); }
    std::string decode_bytes(std::span<const TokenId> ids) const { return decoder_.bytes(ids); }

private:
    Pieces pieces_;
    Decoder decoder_;
    std::unique_ptr<const Tokenizer> tokenizer_;
};

}  // namespace ctxpack::sentencepiece
