#include "sentencepiece/unigram.hpp"

#include <algorithm>
#include <stdexcept>

namespace ctxpack::sentencepiece {

Unigram::Note Unigram::note(const Tokens& tokens) const {
    const Note limited{{std::max(tokens.limit, 0.0F)}};
    if (!(tokens.limit >= kUsualLimit)) return limited;
    Note note;
    for (std::size_t i = 0; i < std::min(tokens.count, Note::kScores); ++i) {
        const float score = scores_.score(tokens.ids[i]);
        if (score > 0 || score < -kLargestScore) return limited;
        note.scores[i] = score == 0 ? -0.0F : score;
    }
    return note;
}

std::optional<Counted> Unigram::add(std::span<const Worth> words) {
    const auto [sum, tokens, has_unknown] = scores_.add(sum_, words);
    // It only falls.
    if (!(sum_ < kUsualLimit && sum > -kUsualLimit)) return std::nullopt;
    sum_ = sum;
    return Counted{tokens, has_unknown};
}

std::optional<Counted> Unigram::add(const Worth& word, Bytes p, std::size_t size) {
    if (!holds(p, size, kUsualLimit)) return std::nullopt;
    const auto [sum, tokens, has_unknown] = add_scores_in_order(sum_, {&word, 1}, scores_.unknown_alone());
    sum_ = sum;
    return Counted{tokens, has_unknown};
}

void Unigram::Range::add(const Scores&, const Note& note) {
    restrict(kUsualLimit);
    for (const float score : note.scores) extend(score);
}

void Unigram::Range::add(const Scores& scores, const Tokens& tokens) {
    restrict(tokens.limit);
    for (std::size_t i = 0; i < tokens.count; ++i) extend(scores.score(tokens.ids[i]));
}

// By what the reference's sum may change, which is rounded to 32 bits.
void Unigram::Range::extend(float score) {
    if (score != 0) reach_ += std::fabs(static_cast<double>(score)) + kLargestRounding;
}

// Tokens of the usual limit also hold further from zero where the sum is not subtracted within the word. Up to 131,072
// floats are as far apart as at kUsualLimit, so that rounding decides no more than there.
bool Unigram::holds(Bytes p, std::size_t size, float limit) const {
    if (std::fabs(sum_) < limit) return true;
    return limit >= kUsualLimit && std::fabs(sum_) + lattice_.reach(p, size) < kSafeSum;
}

Tokens Unigram::segment_here(Bytes p, std::size_t size) {
    effort_ += Novelty::effort(size);
    ids_.clear();
    find_rounded(p, size);
    trace(p, size);
    return {ids_.data(), ids_.size(), 0};
}

void Unigram::release(std::size_t kept) {
    if (viterbi_.nodes.capacity() <= kept) return;
    viterbi_ = {};
    ends_ = std::vector<std::uint32_t>();
    ids_ = std::vector<TokenId>();
}

// The reference's own steps, from the sum so far on; leaves the sum after the word.
void Unigram::find_rounded(Bytes p, std::size_t size) {
    if (size >= kUnreached) throw std::invalid_argument("4 GB of text with no place to cut it");
    viterbi_.nodes.assign(size + 1, {0, kUnreached, kNoToken});
    viterbi_.nodes[0].sum = sum_;
    viterbi_.frontier = 0;
    for (std::size_t at = 0; at < size; at += unicode::sequence_length(p[at])) {
        viterbi_.step(scores_, p, size, at, [at](float sum, std::size_t, TokenId id) {
            return Node{sum, static_cast<std::uint32_t>(at), id};
        });
    }
    sum_ = viterbi_.nodes[size].sum;
}

// Walks the best way back and appends its tokens.
void Unigram::trace(Bytes p, std::size_t size) {
    ends_.clear();
    for (std::size_t at = size; at > 0; at = viterbi_.nodes[at].start) ends_.push_back(static_cast<std::uint32_t>(at));
    for (auto end = ends_.rbegin(); end != ends_.rend(); ++end) {
        const Node& node = viterbi_.nodes[*end];
        if (node.id != kNoToken) {
            ids_.push_back(node.id);
        } else {
            scores_.pieces().append_unknown(p + node.start, *end - node.start, ids_);
        }
    }
}

}  // namespace ctxpack::sentencepiece
