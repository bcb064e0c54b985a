#include "text/choose.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <stdexcept>
#include <tuple>

#include "text/distinct.hpp"

namespace ctxpack::text {
namespace {

// A cost and a gap together are still a number.
bool are_tokens(std::int64_t number) { return number >= 0 && number < std::int64_t{1} << 62; }

void check(const Candidates& candidates, std::span<const std::uint32_t> required, std::int64_t gap) {
    const std::size_t size = candidates.scores.size();
    if (candidates.costs.size() != size || candidates.patterns.size() != size) {
        throw std::invalid_argument("there must be as many scores and costs as units");
    }
    if (!std::ranges::all_of(candidates.costs, are_tokens))
        throw std::invalid_argument("a cost is negative or too large");
    if (!are_tokens(gap)) throw std::invalid_argument("the gap is negative or too large");
    const auto no_number = [](double score) { return std::isnan(score); };
    if (std::ranges::any_of(candidates.scores, no_number)) throw std::invalid_argument("a score is no number");
    const auto unknown = [size](std::uint32_t unit) { return unit >= size; };
    if (std::ranges::any_of(required, unknown)) throw std::invalid_argument("a required unit does not exist");
}

// The numbers 0, 1, 2 ... in place of the patterns.
std::vector<std::uint32_t> groups_of(std::span<const std::uint64_t> patterns) {
    const auto known = distinct(std::vector<std::uint64_t>(patterns.begin(), patterns.end()));
    std::vector<std::uint32_t> groups;
    groups.reserve(patterns.size());
    for (const auto pattern : patterns) groups.push_back(place_of(pattern, known));
    return groups;
}

class Chooser {
public:
    Chooser(const Candidates& candidates, std::int64_t gap, std::int64_t budget)
        : candidates_(candidates),
          gap_(gap),
          left_(budget),
          groups_(groups_of(candidates.patterns)),
          taken_of_group_(groups_.size()),
          chosen_(groups_.size()) {}

    void take_required(std::span<const std::uint32_t> required) {
        for (const auto unit : required) {
            if (!chosen_[unit]) take_if_it_fits(unit);
        }
    }

    // All units of a group lose alike with each that is taken, so that only the best left of each needs to be compared.
    void take_best() {
        const auto ranked = by_group();
        std::priority_queue<Entry> queue;
        for (std::uint32_t at = 0; at < ranked.size(); ++at) {
            if (!at || groups_[ranked[at]] != groups_[ranked[at - 1]]) queue.push(entry(ranked, at));
        }
        while (!queue.empty() && left_ >= 0) {
            const Entry top = queue.top();
            queue.pop();
            take_if_it_fits(top.unit);
            const std::uint32_t next = top.at + 1;
            if (next < ranked.size() && groups_[ranked[next]] == groups_[top.unit]) queue.push(entry(ranked, next));
        }
    }

    std::vector<std::uint32_t> result() const {
        std::vector<std::uint32_t> numbers;
        for (std::uint32_t unit = 0; unit < chosen_.size(); ++unit) {
            if (chosen_[unit]) numbers.push_back(unit);
        }
        return numbers;
    }

private:
    // The best unit left of a group, and its place among the ranked ones.
    struct Entry {
        double gain;
        std::uint32_t unit, at;

        bool operator<(const Entry& other) const { return gain != other.gain ? gain < other.gain : unit > other.unit; }
    };

    Entry entry(const std::vector<std::uint32_t>& ranked, std::uint32_t at) const {
        const std::uint32_t unit = ranked[at];
        return {candidates_.scores[unit] / (1.0 + taken_of_group_[groups_[unit]]), unit, at};
    }

    // The units not chosen yet, group by group, the best of each first.
    std::vector<std::uint32_t> by_group() const {
        std::vector<std::uint32_t> ranked;
        for (std::uint32_t unit = 0; unit < chosen_.size(); ++unit) {
            if (!chosen_[unit]) ranked.push_back(unit);
        }
        std::ranges::sort(ranked, [this](std::uint32_t one, std::uint32_t other) {
            return std::tuple(groups_[one], -candidates_.scores[one], one) <
                   std::tuple(groups_[other], -candidates_.scores[other], other);
        });
        return ranked;
    }

    // Tokens that a unit adds: its own, and a gap more, none or one fewer, by how many neighbours are chosen.
    std::int64_t price(std::uint32_t unit) const {
        const int neighbours = (unit > 0 && chosen_[unit - 1]) + (unit + 1 < chosen_.size() && chosen_[unit + 1]);
        return candidates_.costs[unit] + (any_ ? (1 - neighbours) * gap_ : 0);
    }

    void take_if_it_fits(std::uint32_t unit) {
        const std::int64_t cost = price(unit);
        if (cost > left_) return;
        left_ -= cost;
        chosen_[unit] = any_ = true;
        ++taken_of_group_[groups_[unit]];
    }

    const Candidates& candidates_;
    std::int64_t gap_;
    std::int64_t left_;
    std::vector<std::uint32_t> groups_;
    std::vector<std::uint32_t> taken_of_group_;
    std::vector<bool> chosen_;
    bool any_ = false;
};

}  // namespace

std::vector<std::uint32_t> choose(const Candidates& candidates, std::span<const std::uint32_t> required,
                                  std::int64_t gap, std::int64_t budget) {
    check(candidates, required, gap);
    Chooser chooser(candidates, gap, budget);
    chooser.take_required(required);
    chooser.take_best();
    return chooser.result();
}

}  // namespace ctxpack::text
