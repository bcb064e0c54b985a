// How many tokens a word has, where ways to cut it come so near to the best one that rounding may choose among them.
//
// That is certain as long as they have as many tokens: a line of hyphens can be cut in many ways, but hardly into
// another number of pieces. So the best way is found with its distance to the best one of another number.
#pragma once

#include <vector>

#include "sentencepiece/scores.hpp"
#include "sentencepiece/tally.hpp"

namespace ctxpack::sentencepiece {

class TokenCountViterbi {
public:
    explicit TokenCountViterbi(const Scores& scores) : scores_(scores) {}

    // What a word is by itself. O(bytes x bytes of the longest piece).
    PartCount count(Bytes p, std::size_t size);

private:
    // What is to be known of a way to cut a text.
    struct Outcome {
        Tally tally;
        bool starts_unknown = false;

        bool operator==(const Outcome&) const = default;
    };
    // The best way to the end of a character, and the best of those to another outcome.
    struct Node {
        double best;
        double other;
        Outcome outcome;

        void offer(double sum, double other_sum, const Outcome& reached);
    };

    Outcome extended(const Outcome& before, Bytes p, std::size_t size, TokenId id) const;

    const Scores& scores_;
    std::vector<Node> nodes_;
};

}  // namespace ctxpack::sentencepiece
