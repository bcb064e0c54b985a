#include "lines/index.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace ctxpack::lines {
namespace {

// Whether so many lines from `first` on are followed by the one that the next number names: in and around a file, lines
// may go by printed numbers or by their places, and two numbers name no lines across such an edge.
template <typename Numbered>
bool goes_on(std::span<const Numbered> lines, std::size_t first, std::uint32_t length) {
    return length == 0 || lines[first + length].number == lines[first + length - 1].number + 1;
}

// Lines of the text above the one looked at, but for those that a run covers.
class Above {
public:
    explicit Above(std::span<const Line> lines)
        : lines_(lines),
          slots_(std::min(lines.size(), kMostExpected)),
          before_(lines.size(), Slots::kNone),
          is_shown_(lines.size()) {}

    // Takes in the next line.
    void add(std::uint32_t line) {
        std::uint32_t& latest = slots_[lines_[line].hash];
        before_[line] = latest;
        is_shown_[line] = true;
        latest = line;
    }

    // The longest run of lines from `first` on that stands above it.
    Run longest(std::uint32_t first, std::uint32_t place) {
        Run best{first, 0, place, 0};
        std::uint32_t at = slots_.find(lines_[first].hash);
        for (std::uint32_t tried = 0; at != Slots::kNone && tried < kMostPlaces; ++tried, at = before_[at]) {
            const std::uint32_t length = common(first, at);
            if (length > best.length) best = {first, length, place, at};
        }
        return best;
    }

private:
    static constexpr std::uint32_t kMostPlaces = 4;
    // More lines than this are the same few more often than not.
    static constexpr std::size_t kMostExpected = 1 << 16;

    // Lines from `first` on that repeat those from `at` on: once, or over and over.
    std::uint32_t common(std::uint32_t first, std::uint32_t at) const {
        const std::size_t limit = lines_.size() - first;
        std::uint32_t length = 0;
        while (length < limit && (at + length >= first || is_shown_[at + length]) &&
               lines_[at + length].hash == lines_[first + length].hash && goes_on(lines_, first, length) &&
               goes_on(lines_, at, length)) {
            ++length;
        }
        return length < 2 * (first - at) ? std::min(length, first - at) : length;
    }

    std::span<const Line> lines_;
    Slots slots_;                        // the latest line above, by hash
    std::vector<std::uint32_t> before_;  // the latest line above with the same hash
    std::vector<bool> is_shown_;
};

}  // namespace

void Index::Places::add(std::uint32_t entry) {
    if (count == entries.size()) {
        std::move(entries.begin() + 2, entries.end(), entries.begin() + 1);
        --count;
    }
    entries[count++] = entry;
}

void Index::add(std::span<const Line> lines) {
    if (lines.size() > std::numeric_limits<std::uint32_t>::max() - entries_.size()) {
        throw std::invalid_argument("an index holds 2^32 lines at most");
    }
    const std::size_t before = entries_.size();
    try {
        for (const Line& line : lines) add(line);
        ends_.push_back(static_cast<std::uint32_t>(entries_.size()));
    } catch (...) {
        entries_.resize(before);
        throw;
    }
}

void Index::add(const Line& line) {
    std::uint32_t& known = slots_[line.hash];
    if (known == Slots::kNone) {
        places_.emplace_back();
        known = static_cast<std::uint32_t>(places_.size() - 1);
    }
    places_[known].add(static_cast<std::uint32_t>(entries_.size()));
    entries_.push_back({line.hash, line.number});
}

std::vector<Run> Index::runs(std::span<const Line> lines, std::uint32_t least, std::uint32_t few, std::uint32_t much,
                             std::uint32_t within) const {
    std::vector<Run> found;
    // No text repeats as many lines as it has: to look for them would compare each with all behind it.
    const bool may_repeat = within < lines.size();
    Above above(may_repeat ? lines : std::span<const Line>());
    const auto place = static_cast<std::uint32_t>(ends_.size());
    for (std::uint32_t first = 0; first < lines.size();) {
        Run run = longest(lines, first);
        if (const Run own = may_repeat ? above.longest(first, place) : run;
            own.length >= within && own.length > run.length) {
            run = own;
        }
        const std::uint32_t size = run.length ? lines[first + run.length - 1].stop - lines[first].start : 0;
        const bool is_worth = size && (size >= much || (size >= few && run.length >= least));
        if (is_worth) found.push_back(run);
        if (!is_worth && may_repeat) above.add(first);
        first += is_worth ? run.length : 1;
    }
    return found;
}

std::uint32_t Index::number(std::uint32_t place, std::uint32_t at) const {
    const std::uint32_t from = place ? ends_.at(place - 1) : 0;
    if (at >= ends_.at(place) - from) throw std::out_of_range("there is no such line");
    return entries_[from + at].number;
}

Run Index::longest(std::span<const Line> lines, std::uint32_t first) const {
    Run best{first, 0, 0, 0};
    const std::uint32_t known = slots_.find(lines[first].hash);
    if (known == Slots::kNone) return best;
    const Places& places = places_[known];
    for (std::uint32_t i = 0; i < places.count; ++i) {
        const std::uint32_t entry = places.entries[i];
        if (entry >= entries_.size()) continue;  // of a text that was not taken in
        const auto end = std::upper_bound(ends_.begin(), ends_.end(), entry);
        const std::size_t limit = std::min<std::size_t>(lines.size() - first, *end - entry);
        std::uint32_t length = 0;
        while (length < limit && entries_[entry + length].hash == lines[first + length].hash &&
               goes_on(lines, first, length) && goes_on(std::span(entries_), entry, length)) {
            ++length;
        }
        if (length > best.length) {
            const auto place = static_cast<std::uint32_t>(end - ends_.begin());
            best = {first, length, place, entry - (place ? ends_[place - 1] : 0)};
        }
    }
    return best;
}

}  // namespace ctxpack::lines
