// A word that gets longer and is merged: only its last symbols are merged again.
//
// Two results of merging, side by side, are that of the joined text exactly if the two symbols that meet are what their
// own joined text is merged into: what merges inside each of them, and when, does not depend on what is around it. So
// the symbols up to some place are kept if that holds there.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sentencepiece/bpe.hpp"
#include "sentencepiece/growing_word.hpp"
#include "sentencepiece/tally.hpp"

namespace ctxpack::sentencepiece {

class GrowingBpe final : public GrowingWord {
public:
    // After text that comes to `before`. No piece may be unused.
    GrowingBpe(const Merges& merges, const Progress& before)
        : merges_(merges), bpe_(merges), places_{{0, before.tally}} {}
    GrowingBpe(const GrowingBpe& other)
        : merges_(other.merges_), bpe_(other.merges_), text_(other.text_), places_(other.places_) {}
    GrowingBpe& operator=(const GrowingBpe&) = delete;

    void append(std::string_view text) override;
    std::size_t count_with(std::string_view rest) override;
    std::unique_ptr<GrowingWord> copy() const override { return std::make_unique<GrowingBpe>(*this); }

private:
    // The end of a symbol, and what the text up to there comes to.
    struct Place {
        std::size_t at;
        Tally tally;
    };
    // Places that are kept up to `last`, and those after it.
    struct Ending {
        std::size_t last;
        std::vector<Place> places;
    };

    Ending ending_with(std::string_view rest);
    std::size_t last_to_stay() const;
    bool stay_apart(std::size_t last, std::string_view next);
    std::vector<Place> places_after(std::size_t last, std::string_view text,
                                    std::span<const Bpe::Symbol> symbols) const;

    const Merges& merges_;
    Bpe bpe_;
    std::string text_;
    std::vector<Place> places_;  // its start, too
};

}  // namespace ctxpack::sentencepiece
