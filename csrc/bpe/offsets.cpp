#include "bpe/offsets.hpp"

#include <limits>
#include <stdexcept>

#include "bpe/open.hpp"

namespace ctxpack::bpe {
namespace {

constexpr std::size_t kStep = 64;

// A span this short is counted by itself.
constexpr std::size_t kCountedAlone = 32;

}  // namespace

Offsets::Offsets(const Encoding& encoding, std::string_view text) : encoding_(encoding), text_(text), totals_{0} {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("a text of 4 GiB or more has no offsets");
    }
    ends_ = encoding.split(text);
    totals_.reserve(ends_.size() + 1);
    for (const std::uint32_t count : encoding.count_pretokens(text)) totals_.push_back(totals_.back() + count);
    ended_before_.reserve(text.size() / kStep + 1);
    for (std::uint32_t at = 0, before = 0; before <= text.size() / kStep; ++before) {
        while (at < ends_.size() && ends_[at] < before * kStep) ++at;
        ended_before_.push_back(at);
    }
}

std::size_t Offsets::ended(std::size_t byte) const {
    std::size_t at = ended_before_[byte / kStep];
    while (at < ends_.size() && ends_[at] <= byte) ++at;
    return at;
}

std::size_t Offsets::count(std::size_t begin, std::size_t end) const {
    if (end - begin <= kCountedAlone || !encoding_.scans()) return encoding_.count(text_.substr(begin, end - begin));
    const std::size_t last = last_kept(begin, end);
    const std::size_t first = common_boundary(begin, start(last));
    if (first > last) return encoding_.count(text_.substr(begin, end - begin));
    return encoding_.count(text_.substr(begin, start(first) - begin)) + totals_[last] - totals_[first] +
           encoding_.count(text_.substr(start(last), end - start(last)));
}

// How many pretokens from the text's start on are still the same where the text ends at `end`: those that end before it
// and do not start among the open characters at the end of the span.
std::size_t Offsets::last_kept(std::size_t begin, std::size_t end) const {
    const std::size_t open = begin + trailing_open(text_.substr(begin, end - begin));
    std::size_t last = ended(end);
    while (last > 0 && start(last - 1) >= open) --last;
    return last;
}

// The number of the first pretoken that starts at or after `begin` where a text that starts at `begin` has a boundary
// too; one too large where there is none up to `end`. The cut there must leave nothing open at the end of what is
// before.
std::size_t Offsets::common_boundary(std::size_t begin, std::size_t end) const {
    bool open = false;
    while (begin <= end) {
        const std::size_t at = ended(begin);
        if (start(at) == begin && !open) return at;
        if (begin == end) break;
        const std::size_t size = encoding_.split_first(text_.substr(begin));
        open = is_open(text_.substr(begin, size));
        begin += size;
    }
    return std::numeric_limits<std::size_t>::max();
}

}  // namespace ctxpack::bpe
