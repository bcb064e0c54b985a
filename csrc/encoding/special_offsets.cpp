#include "encoding/special_offsets.hpp"

#include <algorithm>

namespace ctxpack {

SpecialOffsets::SpecialOffsets(const Encoding& encoding, std::string_view text, std::span<const SpecialNumber> wanted)
    : encoding_(encoding), text_(text), wanted_(wanted.begin(), wanted.end()) {
    std::size_t from = 0, tokens = 0;
    while (const auto match = encoding.specials().find(text, from, wanted)) {
        add_part(from, match->begin, tokens);
        tokens += parts_.back().count(from, match->begin) + 1;
        from = match->end;
    }
    add_part(from, text.size(), tokens);
}

void SpecialOffsets::add_part(std::size_t begin, std::size_t end, std::size_t before) {
    auto offsets = begin == end ? nullptr : encoding_.offsets(text_.substr(begin, end - begin));
    parts_.push_back({begin, end, before, std::move(offsets)});
}

// The last part that starts there or before.
std::size_t SpecialOffsets::part_at(std::size_t byte) const {
    const auto after = std::ranges::upper_bound(parts_, byte, {}, &Part::begin);
    return static_cast<std::size_t>(after - parts_.begin()) - 1;
}

std::size_t SpecialOffsets::count(std::size_t begin, std::size_t end) const {
    const std::size_t first = part_at(begin), last = part_at(end);
    if (begin > parts_[first].end || end > parts_[last].end) {
        return encoding_.count(text_.substr(begin, end - begin), wanted_);
    }
    if (first == last) return parts_[first].count(begin, end);
    const std::size_t between = parts_[last].before - parts_[first + 1].before;
    return parts_[first].count(begin, parts_[first].end) + 1 + between + parts_[last].count(parts_[last].begin, end);
}

}  // namespace ctxpack
