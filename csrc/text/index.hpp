// Which terms stand in which documents (units or paragraphs of one text), and how often.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ctxpack::text {

struct Posting {
    std::uint32_t term;
    std::uint32_t count;
};

struct Occurrence {
    std::uint32_t document;
    std::uint32_t term;

    auto operator<=>(const Occurrence&) const = default;
};

class Index {
public:
    // Takes the occurrences in any order. O(n log n).
    Index(std::vector<Occurrence> occurrences, std::size_t documents, std::size_t terms);

    std::size_t documents() const { return starts_.size() - 1; }
    std::span<const Posting> terms_of(std::size_t document) const {
        return {postings_.data() + starts_[document], starts_[document + 1] - starts_[document]};
    }

    // In how many documents a term stands.
    std::uint32_t frequency(std::uint32_t term) const { return frequencies_[term]; }
    // How much a term tells: falls with its frequency, never below 0.
    double weight(std::uint32_t term) const { return weights_[term]; }

    // BM25's share of a term in a document: grows with its count there, up to a bound, and falls with the length.
    double share(std::size_t document, std::uint32_t count) const;

    // BM25 of every document for a query that gives terms a weight. O(postings).
    std::vector<double> bm25(std::span<const double> query) const;

private:
    void weigh();

    std::vector<Posting> postings_;
    std::vector<std::size_t> starts_;
    std::vector<std::uint32_t> frequencies_;
    std::vector<double> weights_;
    std::vector<double> norms_;  // what a document's length adds to the count it takes for half of a term's weight
};

}  // namespace ctxpack::text
