// What normalizes and segments texts, as a whole and part by part.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sentencepiece/growing_word.hpp"
#include "sentencepiece/normalizer.hpp"
#include "sentencepiece/seams.hpp"
#include "sentencepiece/tally.hpp"

namespace ctxpack::sentencepiece {

// Normalizer and segmenter of one kind of model. Thread-safety as of Encoding.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    virtual std::size_t count(std::string_view text) const = 0;
    virtual std::vector<TokenId> encode(std::string_view text) const = 0;

    // Where texts may be cut into parts.
    virtual const Seams& seams() const = 0;
    // Counts the part of a text up to a seam, or its `last` one.
    virtual void advance(Progress& progress, std::string_view text, bool last) const = 0;
    virtual const Normalizer& normalizer() const = 0;
    // A word after the text that was counted. Only where texts may be cut.
    virtual std::unique_ptr<GrowingWord> growing_word(const Progress& progress) const = 0;
    virtual PartCount count_part(std::string_view text, Edges edges) const = 0;
};

}  // namespace ctxpack::sentencepiece
