// The count of a text whose end is long and can be cut nowhere: only what is new of that is normalized and segmented.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sentencepiece/growing_word.hpp"
#include "sentencepiece/tokenizer.hpp"

namespace ctxpack::sentencepiece {

class GrowingTail {
public:
    // After text that comes to `before`. Texts must be cuttable, and the tokenizer outlive this.
    GrowingTail(const Tokenizer& tokenizer, const Progress& before)
        : tokenizer_(&tokenizer), is_first_(before.tally.tokens == 0), word_(tokenizer.growing_word(before)) {}
    GrowingTail(const GrowingTail& other)
        : tokenizer_(other.tokenizer_),
          is_first_(other.is_first_),
          word_(other.word_->copy()),
          joint_(other.joint_),
          jointless_(other.jointless_) {}
    GrowingTail& operator=(const GrowingTail&) = delete;

    // The tokens of the text with this tail, which begins as the last one did. Which of its first `settled` bytes are
    // joints is final. O(bytes after the last joint, and what the word costs). If it throws, this is of no more use.
    std::size_t count(std::string_view tail, std::size_t settled);

private:
    std::string_view normalized(std::string_view text, bool is_last);

    const Tokenizer* tokenizer_;
    bool is_first_;  // whether the text has come to nothing so far
    std::unique_ptr<GrowingWord> word_;
    std::size_t joint_ = 0;      // up to there the tail is in the word
    std::size_t jointless_ = 0;  // bytes that have no later joint
    std::vector<std::uint8_t> buffer_;
};

}  // namespace ctxpack::sentencepiece
