// Counts of the spans of one text, from the parts between its seams.
#pragma once

#include <vector>

#include "encoding/encoding.hpp"
#include "sentencepiece/tokenizer.hpp"

namespace ctxpack::sentencepiece {

class Offsets final : public ctxpack::Offsets {
public:
    // O(bytes).
    Offsets(const Tokenizer& tokenizer, std::string_view text);

    // O(bytes up to the second seam and after the last but one) where those are apart and a unigram model's rounding
    // cannot matter, else O(bytes).
    std::size_t count(std::size_t begin, std::size_t end) const override;

private:
    // What is before a seam, from the first one on.
    struct Place {
        std::size_t at;
        Tally tally;
        double reach;
        bool starts_unknown;  // of the part that starts there
        std::size_t until;    // the last place up to which all parts are what they are alone
    };

    void find_limits(const std::vector<double>& limits);
    std::size_t first_after(std::size_t byte) const;
    PartCount between(std::size_t first, std::size_t last) const;

    const Tokenizer& tokenizer_;
    std::string_view text_;
    std::vector<Place> places_;
};

}  // namespace ctxpack::sentencepiece
