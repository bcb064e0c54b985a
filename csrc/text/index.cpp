#include "text/index.hpp"

#include <algorithm>
#include <cmath>

namespace ctxpack::text {
namespace {

// Okapi BM25's usual constants.
constexpr double kSaturation = 1.2;
constexpr double kLength = 0.75;

}  // namespace

Index::Index(std::vector<Occurrence> occurrences, std::size_t documents, std::size_t terms)
    : starts_(documents + 1), frequencies_(terms), weights_(terms), norms_(documents) {
    std::ranges::sort(occurrences);
    for (std::size_t i = 0; i < occurrences.size(); ++i) {
        const auto& [document, term] = occurrences[i];
        if (i > 0 && occurrences[i] == occurrences[i - 1]) {
            ++postings_.back().count;
        } else {
            postings_.push_back({term, 1});
            ++frequencies_[term];
            ++starts_[document + 1];
        }
        norms_[document] += 1;
    }
    for (std::size_t i = 0; i < documents; ++i) starts_[i + 1] += starts_[i];
    const double lengths = static_cast<double>(occurrences.size());
    const double average = std::max(lengths / static_cast<double>(std::max<std::size_t>(documents, 1)), 1.0);
    for (double& length : norms_) length = kSaturation * (1 - kLength + kLength * length / average);
    weigh();
}

// The usual inverse document frequency, to the power of 3/2: common words count for little without a list of them, so
// that no language needs one.
void Index::weigh() {
    const auto n = static_cast<double>(documents());
    for (std::size_t term = 0; term < weights_.size(); ++term) {
        const double frequency = frequencies_[term];
        const double inverse = std::log(1 + (n - frequency + 0.5) / (frequency + 0.5));
        weights_[term] = inverse * std::sqrt(inverse);
    }
}

double Index::share(std::size_t document, std::uint32_t count) const {
    return count * (kSaturation + 1) / (count + norms_[document]);
}

std::vector<double> Index::bm25(std::span<const double> query) const {
    std::vector<double> scores(documents());
    for (std::size_t document = 0; document < scores.size(); ++document) {
        for (const auto& [term, count] : terms_of(document)) {
            if (query[term] > 0) scores[document] += query[term] * weights_[term] * share(document, count);
        }
    }
    return scores;
}

}  // namespace ctxpack::text
