#include "lines/index.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace ctxpack::lines {

void Index::Places::add(std::uint32_t entry) {
    if (count == entries.size()) {
        std::move(entries.begin() + 2, entries.end(), entries.begin() + 1);
        --count;
    }
    entries[count++] = entry;
}

void Index::add(std::span<const Line> lines) {
    if (lines.size() > std::numeric_limits<std::uint32_t>::max() - entries_.size()) {
        throw std::length_error("an index holds 2^32 lines at most");
    }
    for (const Line& line : lines) {
        places_[line.hash].add(static_cast<std::uint32_t>(entries_.size()));
        entries_.push_back({line.hash, line.number});
    }
    ends_.push_back(static_cast<std::uint32_t>(entries_.size()));
}

std::vector<Run> Index::runs(std::span<const Line> lines, std::uint32_t least, std::uint32_t much) const {
    std::vector<Run> found;
    for (std::uint32_t first = 0; first < lines.size();) {
        const Run run = longest(lines, first);
        const bool is_much = run.length && lines[first + run.length - 1].stop - lines[first].start >= much;
        const bool is_worth = is_much || (run.length && run.length >= least);
        if (is_worth) found.push_back(run);
        first += is_worth ? run.length : 1;
    }
    return found;
}

std::uint32_t Index::number(std::uint32_t place, std::uint32_t at) const {
    return entries_.at((place ? ends_.at(place - 1) : 0) + at).number;
}

Run Index::longest(std::span<const Line> lines, std::uint32_t first) const {
    Run best{first, 0, 0, 0};
    const auto known = places_.find(lines[first].hash);
    if (known == places_.end()) return best;
    for (std::uint32_t i = 0; i < known->second.count; ++i) {
        const std::uint32_t entry = known->second.entries[i];
        const auto end = std::upper_bound(ends_.begin(), ends_.end(), entry);
        const std::size_t limit = std::min<std::size_t>(lines.size() - first, *end - entry);
        std::uint32_t length = 0;
        while (length < limit && entries_[entry + length].hash == lines[first + length].hash) ++length;
        if (length > best.length) {
            const auto place = static_cast<std::uint32_t>(end - ends_.begin());
            best = {first, length, place, entry - (place ? ends_[place - 1] : 0)};
        }
    }
    return best;
}

}  // namespace ctxpack::lines
