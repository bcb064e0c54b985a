#include "sentencepiece/encoding.hpp"

#include "sentencepiece/counter.hpp"
#include "sentencepiece/offsets.hpp"
#include "sentencepiece/segmenting.hpp"
#include "sentencepiece/truncate.hpp"

namespace ctxpack::sentencepiece {
namespace {

std::unique_ptr<const Tokenizer> tokenizer(const ModelData& data, const Pieces& pieces) {
    if (data.type == ModelType::bpe) return std::make_unique<SegmentingTokenizer<Bpe>>(data, pieces);
    return std::make_unique<SegmentingTokenizer<Unigram>>(data, pieces);
}

}  // namespace

Encoding::Encoding(Pieces pieces, const ModelData& data)
    : ctxpack::Encoding(pieces.controls()),
      pieces_(std::move(pieces)),
      decoder_(data, pieces_),
      tokenizer_(tokenizer(data, pieces_)) {}

std::unique_ptr<ctxpack::Offsets> Encoding::offsets(std::string_view text) const {
    return std::make_unique<Offsets>(*tokenizer_, text);
}

std::unique_ptr<ctxpack::Counter> Encoding::counter() const { return std::make_unique<Counter>(*tokenizer_); }

std::size_t Encoding::fit_head(std::string_view text, std::size_t tokens) const {
    return sentencepiece::fit_head(*tokenizer_, text, tokens);
}

std::size_t Encoding::fit_tail(std::string_view text, std::size_t tokens) const {
    return sentencepiece::fit_tail(*tokenizer_, text, tokens);
}

}  // namespace ctxpack::sentencepiece
