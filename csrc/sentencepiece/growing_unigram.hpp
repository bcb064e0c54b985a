// A word that gets longer and goes by scores: the best ways to its last characters are kept.
#pragma once

#include <string>

#include "sentencepiece/float_viterbi.hpp"
#include "sentencepiece/growing_word.hpp"
#include "sentencepiece/tally.hpp"

namespace ctxpack::sentencepiece {

class GrowingUnigram final : public GrowingWord {
public:
    // After text that comes to `before`.
    GrowingUnigram(const Scores& scores, const Progress& before);

    void append(std::string_view text) override;
    std::size_t count_with(std::string_view rest) override;
    std::unique_ptr<GrowingWord> copy() const override { return std::make_unique<GrowingUnigram>(*this); }

private:
    struct Node {
        float sum;
        bool reached;
        Tally tally;

        bool is_reached() const { return reached; }
    };

    void add(std::string_view text);
    std::size_t walk(std::size_t end);

    const Scores& scores_;
    // From the first character on from which ways may still go on.
    std::string text_;
    FloatViterbi<Node> viterbi_;
};

}  // namespace ctxpack::sentencepiece
