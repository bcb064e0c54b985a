#include "text/document.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "text/bytes.hpp"
#include "text/choose.hpp"
#include "text/segment.hpp"

namespace ctxpack::text {
namespace {

// A paragraph has a subject, unless there are few and long ones: then only the next sentences belong together. The
// subject of a conversation stretches over many turns: so many bytes to each side.
constexpr std::size_t kLongParagraph = 3000;
constexpr std::size_t kFewParagraphs = 4;
constexpr std::size_t kTopic = 4000;
// Lines to each side that belong together in code: about a function.
constexpr std::size_t kLines = 12;

// What a unit's surroundings count beside its own words, and a lead sentence beside the best one.
constexpr double kAround = 0.5;
constexpr double kAroundTurn = 1;
constexpr double kLead = 0.5;
// What distinct names count that stand in no unit before, and in lines how much one says at all: all of 1 from so many
// bytes of letters and digits on, next to nothing for a bracket or a lone "else". Little beside a question, but all
// that there is without one.
constexpr double kFirstMention = 0.05;
constexpr double kSaid = 0.1;
constexpr double kSaying = 24;

// Scores are kept to this step, so that the last bits of a logarithm decide nothing.
constexpr double kStep = 1.0 / (1 << 20);

double largest(std::span<const double> values) { return values.empty() ? 0 : std::ranges::max(values); }

void scale_to_one(std::vector<double>& values) {
    const double most = largest(values);
    if (most <= 0) return;
    for (double& value : values) value /= most;
}

void add(std::vector<double>& values, std::span<const double> others, double weight) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += weight * others[i];
}

// The sum of the values up to `radius` away; beyond the ends there is nothing.
std::vector<double> smoothed(std::span<const double> values, std::size_t radius) {
    std::vector<double> sums(values.size() + 1);
    for (std::size_t i = 0; i < values.size(); ++i) sums[i + 1] = sums[i] + values[i];
    std::vector<double> around(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t begin = i > radius ? i - radius : 0;
        const std::size_t end = std::min(values.size(), i + radius + 1);
        around[i] = sums[end] - sums[begin];
    }
    return around;
}

bool is_said(char byte) { return is_ascii_letter(byte) || is_ascii_digit(byte) || is_wide(byte); }

// How much each unit says, from 0 to 1.
std::vector<double> said_in(std::string_view text, std::span<const Unit> units) {
    std::vector<double> said;
    said.reserve(units.size());
    for (const Unit& unit : units) {
        const auto bytes = static_cast<double>(std::ranges::count_if(unit.in(text), is_said));
        said.push_back(std::min(bytes, kSaying) / kSaying);
    }
    return said;
}

std::vector<Occurrence> by_paragraph(const std::vector<Occurrence>& occurrences, const std::vector<Unit>& units) {
    std::vector<Occurrence> moved(occurrences);
    for (auto& occurrence : moved) occurrence.document = units[occurrence.document].paragraph;
    return moved;
}

std::size_t paragraph_count(const std::vector<Unit>& units) { return units.empty() ? 0 : units.back().paragraph + 1; }

}  // namespace

Document::Document(std::string_view text)
    : shape_(shape_of(text)),
      units_(segment(text, shape_)),
      said_(said_in(text, units_)),
      terms_(text, units_),
      surroundings_(surroundings(text)),
      index_(terms_.occurrences, units_.size(), terms_.size()),
      paragraphs_(by_paragraph(terms_.occurrences, units_), paragraph_count(units_), terms_.size()) {}

Document::Surroundings Document::surroundings(std::string_view text) const {
    if (shape_ == Shape::lines || units_.empty()) return {false, kLines, kAround, 0};
    if (is_conversation(text)) return {false, kTopic * units_.size() / text.size() / 2, kAroundTurn, 0};
    const std::size_t paragraphs = paragraph_count(units_);
    if (text.size() > kLongParagraph * paragraphs || paragraphs < kFewParagraphs) return {false, 1, kAround, 0};
    return {true, 0, kAround, kLead};
}

// How much each unit has of what the query asks for, in its own words and around it. The best has about 1.
std::vector<double> Document::evidence(std::span<const double> query) const {
    std::vector<double> scores = index_.bm25(query);
    scale_to_one(scores);
    add(scores, around(scores, query), surroundings_.weight);
    return scores;
}

std::vector<double> Document::around(std::span<const double> scores, std::span<const double> query) const {
    std::vector<double> result(units_.size());
    if (surroundings_.paragraphs) {
        const auto paragraphs = paragraphs_.bm25(query);
        for (std::size_t i = 0; i < units_.size(); ++i) result[i] = paragraphs[units_[i].paragraph];
    } else {
        // Twice a box is a triangle: what is near counts more.
        result = smoothed(smoothed(scores, surroundings_.radius), surroundings_.radius);
    }
    scale_to_one(result);
    return result;
}

// The query of the second hop: names in the best units that the first query lacks and other units share.
std::vector<double> Document::bridge(std::span<const double> scores, std::span<const double> query) const {
    std::vector<double> names(terms_.size());
    const double most = largest(scores);
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
        const double near = scores[unit] / most;
        const double trust = near * near * near * near;
        for (const auto& [term, count] : index_.terms_of(unit)) {
            const bool leads_on = terms_.names[term] && query[term] == 0 && index_.frequency(term) > 1;
            if (leads_on) names[term] += trust * index_.share(unit, count) * index_.weight(term);
        }
    }
    scale_to_one(names);
    return names;
}

void Document::add_lead(std::vector<double>& scores) const {
    for (std::size_t i = 0; i < units_.size(); ++i) scores[i] += surroundings_.lead / (1.0 + units_[i].position);
}

std::vector<double> Document::first_mentions() const {
    std::vector<bool> met(terms_.size());
    std::vector<double> mentions(units_.size());
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
        for (const auto& [term, count] : index_.terms_of(unit)) {
            if (terms_.names[term] && !met[term]) mentions[unit] += index_.weight(term);
            met[term] = true;
        }
        mentions[unit] /= std::sqrt(static_cast<double>(units_[unit].end - units_[unit].begin));
    }
    scale_to_one(mentions);
    return mentions;
}

// What a unit is worth whatever is asked.
void Document::add_own_worth(std::vector<double>& scores) const {
    add(scores, first_mentions(), kFirstMention);
    if (shape_ == Shape::lines) add(scores, said_, kSaid);
}

// How well each unit fits what is asked for: by its own words, and by the names it shares with those that fit best.
std::vector<double> Document::relevance(std::string_view query) const {
    const auto asked = terms_.query(query);
    auto scores = evidence(asked);
    if (largest(scores) <= 0) return scores;
    auto leading = scores;
    add_lead(leading);
    add(scores, evidence(bridge(leading, asked)), 1);
    return scores;
}

std::vector<double> Document::scores(std::string_view query, double focus) const {
    if (!std::isfinite(focus) || focus < 0) throw std::invalid_argument("focus is negative or not finite");
    auto scores = relevance(query);
    for (double& score : scores) score *= focus;
    add_lead(scores);
    add_own_worth(scores);
    for (double& score : scores) score = std::round(score / kStep) * kStep;
    return scores;
}

std::vector<std::uint32_t> Document::choose(std::span<const double> scores, std::span<const std::int64_t> costs,
                                            std::span<const std::uint32_t> required, std::int64_t gap,
                                            std::int64_t budget) const {
    return text::choose({scores, terms_.patterns, costs}, required, gap, budget);
}

}  // namespace ctxpack::text
