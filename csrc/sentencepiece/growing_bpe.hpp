// A word that gets longer and is merged: only its last symbols are merged again.
//
// Two results of merging, side by side, are that of the joined text exactly if the two symbols that meet are what their
// own joined text is merged into: what merges inside each of them, and when, does not depend on what is around it. So
// the symbols up to some place are kept if that holds there.
#pragma once

#include <string>
#include <vector>

#include "sentencepiece/bpe.hpp"
#include "sentencepiece/growing_word.hpp"

namespace ctxpack::sentencepiece {

class GrowingBpe final : public GrowingWord {
public:
    // Behind text that comes to `before`. No piece may be unused.
    GrowingBpe(const Merges& merges, const Tally& before);

    void append(std::string_view text) override;
    std::size_t count_with(std::string_view rest) override;
    std::unique_ptr<GrowingWord> copy() const override { return std::make_unique<GrowingBpe>(*this); }

private:
    // The end of a symbol, and what the text up to there comes to.
    struct Place {
        std::size_t at;
        Tally tally;
    };

    std::size_t merge(std::string_view rest);
    std::size_t lasting() const;
    bool stay_apart(std::size_t kept);
    void find_places(std::size_t kept);

    const Merges& merges_;
    Bpe bpe_;
    std::string text_;
    std::vector<Place> places_;  // its start, too
    // What is behind the places that are kept.
    std::string behind_;
    std::vector<Bpe::Symbol> symbols_;
    std::vector<Place> found_;
};

}  // namespace ctxpack::sentencepiece
