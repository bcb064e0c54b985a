// The tokens of a word that gets longer: text that can be cut nowhere, as a long row of digits is to some models.
#pragma once

#include <memory>
#include <string_view>

namespace ctxpack::sentencepiece {

// Takes normalized text, in whole characters.
class GrowingWord {
public:
    virtual ~GrowingWord() = default;
    // O(bytes of the text, and of the longest piece; of a unigram model, these squared). If it throws, the word is of
    // no more use.
    virtual void append(std::string_view text) = 0;
    // How many tokens the word would be with `rest` after it. Costs as much.
    virtual std::size_t count_with(std::string_view rest) = 0;
    virtual std::unique_ptr<GrowingWord> copy() const = 0;
};

}  // namespace ctxpack::sentencepiece
