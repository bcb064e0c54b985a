// A text cut into units, and the index that scores them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "text/index.hpp"
#include "text/shape.hpp"
#include "text/terms.hpp"
#include "text/unit.hpp"

namespace ctxpack::text {

// Thread-safety: immutable, every method may be called from any number of threads at once.
class Document {
public:
    // Takes valid UTF-8 of less than 4 GB; throws std::invalid_argument. O(bytes), and O(n log n) in words.
    explicit Document(std::string_view text);

    Shape shape() const { return shape_; }
    std::span<const Unit> units() const { return units_; }

    // The score of every unit for a query, which may be empty: at least 0, equal on every platform. O(words).
    // Throws std::invalid_argument where the focus is negative or not finite.
    std::vector<double> scores(std::string_view query, double focus) const;

    // See choose.hpp; the scores and costs are per unit.
    std::vector<std::uint32_t> choose(std::span<const double> scores, std::span<const std::int64_t> costs,
                                      std::span<const std::uint32_t> required, std::int64_t gap,
                                      std::int64_t budget) const;

private:
    // What stands around a unit says something about it too.
    struct Surroundings {
        bool paragraphs;  // paragraphs are scored as documents; else the scores of units up to `radius` away are summed
        std::size_t radius;
        double weight;
        double lead;  // what the first sentence of a paragraph is worth
    };

    Surroundings surroundings(std::string_view text) const;
    std::vector<double> relevance(std::string_view query) const;
    std::vector<double> evidence(std::span<const double> query) const;
    std::vector<double> around(std::span<const double> scores, std::span<const double> query) const;
    std::vector<double> bridge(std::span<const double> scores, std::span<const double> query) const;
    void add_lead(std::vector<double>& scores) const;
    std::vector<double> first_mentions() const;
    void add_own_worth(std::vector<double>& scores) const;

    Shape shape_;
    std::vector<Unit> units_;
    std::vector<double> said_;  // how much each unit says, from 0 to 1
    Terms terms_;
    Surroundings surroundings_;
    Index index_;
    Index paragraphs_;
};

}  // namespace ctxpack::text
