#include "sentencepiece/token_count_viterbi.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ctxpack::sentencepiece {

void TokenCountViterbi::Node::offer(double sum, double other_sum, const Outcome& reached) {
    if (reached == outcome) {
        other = std::max(other, other_sum);
        best = std::max(best, sum);
    } else if (sum > best) {
        other = std::max(best, other_sum);
        best = sum;
        outcome = reached;
    } else {
        other = std::max(other, sum);
    }
}

TokenCountViterbi::Outcome TokenCountViterbi::extended(const Outcome& before, Bytes p, std::size_t size,
                                                       TokenId id) const {
    const Tally tally =
        id == kNoToken ? before.tally.with_unknown(scores_.pieces(), p, size) : before.tally.with_piece();
    return {tally, before.tally.tokens == 0 ? tally.ends_unknown : before.starts_unknown};
}

PartCount TokenCountViterbi::count(Bytes p, std::size_t size) {
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    nodes_.assign(size + 1, {kNever, kNever, {}});
    nodes_[0].best = 0;
    double reach = 0, steps = 0;
    for (std::size_t at = 0; at < size; at += unicode::sequence_length(p[at])) {
        const Node before = nodes_[at];
        scores_.visit(p + at, p + size, [&](std::size_t bytes, TokenId id, float score) {
            reach = std::max(reach, std::fabs(before.best + score));
            nodes_[at + bytes].offer(before.best + score, before.other + score,
                                     extended(before.outcome, p + at, bytes, id));
        });
        ++steps;
    }
    const Node& end = nodes_[size];
    const double limit =
        std::min(kSafeSum, (end.best - end.other) * kFloatSteps / steps) - reach - steps * kLargestRounding;
    // The way that the reference takes is no further from the best than rounding goes.
    const double moved = std::fabs(end.best) + steps * (kLargestSum / kFloatSteps + kLargestRounding);
    return {end.outcome.tally, end.outcome.starts_unknown, limit, moved};
}

}  // namespace ctxpack::sentencepiece
