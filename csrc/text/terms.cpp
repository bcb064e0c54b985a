#include "text/terms.hpp"

#include <utility>

#include "text/distinct.hpp"
#include "text/words.hpp"

namespace ctxpack::text {
namespace {

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
    seed = (seed ^ value) * 0x9E3779B97F4A7C15u;
    return seed ^ seed >> 29;
}

}  // namespace

Terms::Terms(std::string_view text, std::span<const Unit> units) : patterns(units.size()) {
    std::vector<Word> words;
    std::vector<std::size_t> ends;
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
        const std::size_t begin = words.size();
        append_words(units[unit].in(text), words);
        ends.push_back(words.size());
        // A line of numbers alone is no repetition of one that says nothing.
        if (words.size() > begin) patterns[unit] = 1;
        for (std::size_t i = begin; i < words.size(); ++i) {
            if (!words[i].number) patterns[unit] = mix(patterns[unit], words[i].term);
        }
    }
    hashes.reserve(words.size());
    for (const Word& word : words) hashes.push_back(word.term);
    hashes = distinct(std::move(hashes));

    struct Uses {
        std::uint32_t all = 0;
        std::uint32_t as_name = 0;
    };
    std::vector<Uses> uses(hashes.size());
    occurrences.reserve(words.size());
    for (std::size_t i = 0, unit = 0; i < words.size(); ++i) {
        while (i >= ends[unit]) ++unit;
        const auto term = place_of(words[i].term, hashes);
        occurrences.push_back({static_cast<std::uint32_t>(unit), term});
        if (words[i].first) continue;
        ++uses[term].all;
        uses[term].as_name += words[i].name;
    }
    names.reserve(uses.size());
    for (const auto& [all, as_name] : uses) names.push_back(as_name > 0 && 2 * as_name >= all);
}

std::vector<double> Terms::query(std::string_view text) const {
    std::vector<Word> words;
    append_words(text, words);
    std::vector<double> counts(size());
    for (const Word& word : words) {
        if (const auto term = place_of(word.term, hashes); term < size()) counts[term] += 1;
    }
    for (double& count : counts) count = 2 * count / (1 + count);
    return counts;
}

}  // namespace ctxpack::text
