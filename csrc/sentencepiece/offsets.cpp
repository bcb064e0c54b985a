#include "sentencepiece/offsets.hpp"

#include <algorithm>

namespace ctxpack::sentencepiece {
namespace {

// Bytes between two seams that are noted.
constexpr std::size_t kStep = 64;
// A span of no more bytes is counted by itself.
constexpr std::size_t kCountedAlone = 256;
// How far from zero the part of a span before the first seam may take the sum of scores.
constexpr double kRoom = 4000;

}  // namespace

Offsets::Offsets(const Tokenizer& tokenizer, std::string_view text) : tokenizer_(tokenizer), text_(text) {
    std::vector<double> limits;
    std::size_t at = tokenizer.seams().next(text, kStep);
    Place place{at, {}, 0, false, 0};
    while (at < text.size()) {
        const std::size_t next = tokenizer.seams().next(text, at + kStep);
        places_.push_back(place);
        if (next == text.size()) break;
        const PartCount part = tokenizer.count_part(text.substr(at, next - at), {false, false});
        places_.back().starts_unknown = part.starts_unknown;
        limits.push_back(part.limit);
        place.at = at = next;
        place.tally.tokens += part.tally.tokens - (place.tally.ends_unknown && part.starts_unknown);
        place.tally.ends_unknown = part.tally.ends_unknown;
        place.reach += part.reach;
    }
    find_limits(limits);
}

// `until` never falls from one place to the next, so all are found in one pass.
void Offsets::find_limits(const std::vector<double>& limits) {
    std::size_t until = 0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        until = std::max(until, i);
        while (until < limits.size() && limits[until] - (places_[until].reach - places_[i].reach) > kRoom) ++until;
        places_[i].until = until;
    }
}

std::size_t Offsets::count(std::size_t begin, std::size_t end) const {
    const std::string_view span = text_.substr(begin, end - begin);
    if (span.size() <= kCountedAlone) return tokenizer_.count(span);
    const std::size_t places = first_after(end - 1);
    PartCount total;
    for (std::size_t first = first_after(begin); first < places && total.tally.tokens == 0; ++first) {
        total = tokenizer_.count_part(span.substr(0, places_[first].at - begin), {true, false});
        if (total.tally.tokens == 0) continue;  // blanks, which come to nothing
        total.append(between(first, places - 1));
        total.append(tokenizer_.count_part(span.substr(places_[places - 1].at - begin), {false, true}));
    }
    return total.tally.tokens > 0 && total.holds() ? total.tally.tokens : tokenizer_.count(span);
}

// The number of the first place after a byte.
std::size_t Offsets::first_after(std::size_t byte) const {
    const auto before = [](std::size_t at, const Place& place) { return at < place.at; };
    return static_cast<std::size_t>(std::upper_bound(places_.begin(), places_.end(), byte, before) - places_.begin());
}

PartCount Offsets::between(std::size_t first, std::size_t last) const {
    if (first == last) return {};
    const Place &from = places_[first], &to = places_[last];
    const std::size_t merged = from.tally.ends_unknown && from.starts_unknown;
    return {{to.tally.tokens - from.tally.tokens + merged, to.tally.ends_unknown},
            from.starts_unknown,
            last <= from.until ? kRoom : 0,
            to.reach - from.reach};
}

}  // namespace ctxpack::sentencepiece
