#include "sentencepiece/unigram.hpp"

#include <algorithm>
#include <cfloat>
#include <limits>
#include <stdexcept>

namespace ctxpack::sentencepiece {
namespace {

constexpr float kUnknownPenalty = 10.0F;
constexpr std::uint32_t kUnreached = 0xFFFFFFFF;

Pieces::Keys used_segments(const Pieces& pieces) {
    Pieces::Keys keys = pieces.segments();
    std::erase_if(keys, [&](const auto& key) { return pieces.type(key.second) == PieceType::unused; });
    return keys;
}

// Whether all characters have three bytes.
bool is_wide(Bytes p, std::size_t size) {
    bool wide = size % WidePieces::kBytes == 0;
    for (std::size_t at = 0; at < size; at += WidePieces::kBytes) wide &= WidePieces::is_wide(p[at]);
    return wide;
}

}  // namespace

Scores::Scores(const Pieces& pieces, cpu::Level level)
    : pieces_(pieces), trie_(used_segments(pieces)), add_(add_scores_for(level)) {
    if (pieces.segments().empty()) throw std::invalid_argument("none of its pieces can stand in a text");
    find_unknown();
    scores_.resize(pieces.size());
    for (TokenId id = 0; id < pieces.size(); ++id) scores_[id] = piece_score(id);
    wide_ = std::make_unique<WidePieces>(used_segments(pieces), scores_, unknown_, trie_);
}

void Scores::find_unknown() {
    float lowest = FLT_MAX;
    for (TokenId id = 0; id < pieces_.size(); ++id) {
        if (pieces_.type(id) == PieceType::normal) lowest = std::min(lowest, pieces_.score(id));
    }
    unknown_ = lowest - kUnknownPenalty;
}

float Scores::piece_score(TokenId id) const {
    switch (pieces_.type(id)) {
        case PieceType::unknown:
            return unknown_;
        case PieceType::byte:
            return unicode::is_continuation(pieces_.byte(id)) ? 0.0F : unknown_;
        case PieceType::user_defined:  // so that it wins over its parts
            return static_cast<float>(0.1 * (static_cast<double>(pieces_.text(id).size()) - 1));
        default:
            return pieces_.score(id);
    }
}

Unigram::Note Unigram::note(const Tokens& tokens) const {
    const Note limited{{std::max(tokens.limit, 0.0F)}};
    if (!(tokens.limit >= kLasting)) return limited;
    Note note;
    for (std::size_t i = 0; i < std::min(tokens.count, Note::kScores); ++i) {
        const float score = scores_.score(tokens.ids[i]);
        if (score > 0 || score < -kLargestScore) return limited;
        note.scores[i] = score == 0 ? -0.0F : score;
    }
    return note;
}

std::optional<std::size_t> Unigram::add(std::span<const Worth> words) {
    const auto [sum, tokens] = scores_.add(sum_, words);
    // It only falls.
    if (!(sum_ < kLasting && sum > -kLasting)) return std::nullopt;
    sum_ = sum;
    return tokens;
}

void Unigram::Range::add(const Scores&, const Note& note) {
    restrict(kLasting);
    for (const float score : note.scores) extend(score);
}

void Unigram::Range::add(const Scores& scores, const Tokens& tokens) {
    restrict(tokens.limit);
    for (std::size_t i = 0; i < tokens.count; ++i) extend(scores.score(tokens.ids[i]));
}

// By what the reference's sum may change, which is rounded to 32 bits.
void Unigram::Range::extend(float score) {
    if (score != 0) reach_ += std::fabs(static_cast<double>(score)) + kLargestStep;
}

Tokens Unigram::segment(Bytes p, std::size_t size) {
    if (size <= LongSlot::kLongest) {
        const float limit = is_wide(p, size) ? find_best_wide(p, size) : find_best(p, size);
        if (std::fabs(sum_) < limit) {
            ids_.clear();
            trace(p, size, nodes_);
            const Tokens tokens{ids_.data(), ids_.size(), limit};
            accept(tokens);
            return tokens;
        }
    }
    return segment_here(p, size);
}

Tokens Unigram::segment_here(Bytes p, std::size_t size) {
    ids_.clear();
    find_rounded(p, size);
    trace(p, size, rounded_);
    return {ids_.data(), ids_.size(), 0};
}

// Without branches, for none of them could be foretold: of members in place of copies compilers make some.
void Unigram::Node::offer(double sum, Step other) {
    const double former = best, former_second = second;
    const double worse = std::min(former, sum);
    step.replace(other, sum > former);
    second = std::max(former_second, worse);
    best = std::max(former, sum);
}

// Fills nodes_ and returns the limit of the sum before the word.
float Unigram::find_best(Bytes p, std::size_t size) {
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    std::fill_n(nodes_.begin(), size + 1, Node{kNever, kNever, {kUnreached, kNoToken}});
    nodes_[0].best = 0;
    double reach = 0, steps = 0;
    for (std::size_t at = 0; at < size; at += unicode::sequence_length(p[at])) {
        const double before = nodes_[at].best;
        scores_.visit(p + at, p + size, [&](std::size_t bytes, TokenId id, float score) {
            const double sum = before + score;
            reach = std::max(reach, std::fabs(sum));
            nodes_[at + bytes].offer(sum, {static_cast<std::uint32_t>(at), id});
        });
        ++steps;
    }
    return limit_before(size, reach, steps);
}

// The same for characters of three bytes.
float Unigram::find_best_wide(Bytes p, std::size_t size) {
    constexpr std::size_t kBytes = WidePieces::kBytes;
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    const WidePieces& wide = scores_.wide();
    for (std::size_t at = 0; at <= size; at += kBytes) nodes_[at] = {kNever, kNever, {kUnreached, kNoToken}};
    nodes_[0].best = 0;
    double reach = 0;
    std::uint32_t point = WidePieces::point(p);
    for (std::size_t at = 0; at < size; at += kBytes) {
        const auto start = static_cast<std::uint32_t>(at);
        const double before = nodes_[at].best;
        reach = std::max(reach, std::fabs(before));
        const WidePieces::Piece& alone = wide.character(point);
        nodes_[at + kBytes].offer(before + alone.score, {start, alone.id});
        if (at + kBytes == size) break;
        const std::uint32_t next = WidePieces::point(p + at + kBytes);
        const WidePieces::Pair pair = wide.pair(point, next);
        point = next;
        nodes_[at + 2 * kBytes].offer(before + pair.piece.score, {start, pair.piece.id});
        if (pair.base == 0) continue;
        Trie::Node node = Trie::from_base(pair.base);
        for (std::size_t to = at + 2 * kBytes; to < size;) {
            node = scores_.trie().next(node, p[to++]);
            if (node == Trie::kNone) break;
            const TokenId id = scores_.trie().value(node);
            if (id != kNoToken) nodes_[to].offer(before + scores_.score(id), {start, id});
        }
    }
    return limit_before(size, reach + wide.largest(), static_cast<double>(size / kBytes));
}

// Nearer to zero than this the sum before the word must be, so that its best way is the reference's.
float Unigram::limit_before(std::size_t size, double reach, double steps) const {
    double margin = std::numeric_limits<double>::infinity();
    for (std::size_t at = size; at > 0; at = nodes_[at].step.start()) {
        margin = std::min(margin, nodes_[at].best - nodes_[at].second);
    }
    return static_cast<float>(std::min(kSafeSum, margin * kFloatSteps / steps) - reach);
}

// The reference's own steps, from the sum so far on; leaves the sum behind the word.
void Unigram::find_rounded(Bytes p, std::size_t size) {
    if (size >= kUnreached) throw std::length_error("4 GB of text with no place to cut it");
    rounded_.assign(size + 1, {0, {kUnreached, kNoToken}});
    rounded_[0].sum = sum_;
    std::size_t frontier = 0;
    for (std::size_t at = 0; at < size; at += unicode::sequence_length(p[at])) {
        float sum = rounded_[at].sum;
        if (sum < -kLargestSum || sum > kLargestSum) sum = subtract_sum(at, frontier);
        scores_.visit(p + at, p + size, [&](std::size_t bytes, TokenId id, float score) {
            frontier = std::max(frontier, at + bytes);
            const float reached = score + sum;
            RoundedNode& node = rounded_[at + bytes];
            const bool is_first = node.step.start() == kUnreached;
            if (is_first || reached > node.sum) node = {reached, {static_cast<std::uint32_t>(at), id}};
        });
    }
    sum_ = rounded_[size].sum;
}

// Takes the sum at a place away from there on; returns what is left.
float Unigram::subtract_sum(std::size_t at, std::size_t frontier) {
    const float sum = rounded_[at].sum;
    for (std::size_t i = at + 1; i <= frontier; ++i) rounded_[i].sum -= sum;
    return 0;
}

// Walks the best way back and appends its tokens.
template <class Nodes>
void Unigram::trace(Bytes p, std::size_t size, const Nodes& nodes) {
    ends_.clear();
    for (std::size_t at = size; at > 0; at = nodes[at].step.start()) ends_.push_back(static_cast<std::uint32_t>(at));
    for (auto end = ends_.rbegin(); end != ends_.rend(); ++end) {
        const Step step = nodes[*end].step;
        if (step.id() != kNoToken) {
            ids_.push_back(step.id());
        } else {
            scores_.pieces().append_unknown(p + step.start(), *end - step.start(), ids_);
        }
    }
}

}  // namespace ctxpack::sentencepiece
