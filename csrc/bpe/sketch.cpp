#include "bpe/sketch.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "split/cursor.hpp"

namespace ctxpack::bpe {
namespace {

// Pretokens up to this many bytes stay as they are.
constexpr std::size_t kVerbatim = 256;
// Characters of four bytes that stay at both ends.
constexpr std::size_t kEnds = 4 * 4;

}  // namespace

// What is left out at a boundary is after it.
std::size_t Sketch::place(std::size_t boundary) const {
    std::size_t left_out = 0;
    for (const Gap& gap : gaps_) left_out += gap.at < boundary ? gap.size : 0;
    return boundary + left_out;
}

void Sketch::drop(std::size_t boundary) {
    text_.erase(0, boundary);
    std::erase_if(gaps_, [&](const Gap& gap) { return gap.at < boundary; });
    for (Gap& gap : gaps_) gap.at -= boundary;
}

void Sketch::shorten(std::span<const std::uint32_t> ends) {
    Sketch shorter;
    std::size_t begin = 0, left_out = 0;
    auto gap = gaps_.begin();
    for (const std::size_t end : ends) {
        const std::vector<bool> stays = kept(begin, end);
        for (; begin < end; ++begin) {
            for (; gap != gaps_.end() && gap->at == begin; ++gap) left_out += gap->size;
            if (!stays[stays.size() - (end - begin)]) {
                ++left_out;
                continue;
            }
            if (left_out > 0) shorter.gaps_.push_back({shorter.text_.size(), left_out});
            left_out = 0;
            shorter.text_ += text_[begin];
        }
    }
    *this = std::move(shorter);
}

std::vector<bool> Sketch::kept(std::size_t begin, std::size_t end) const {
    std::vector<bool> stays(end - begin, end - begin <= kVerbatim);
    if (end - begin <= kVerbatim) return stays;
    const Bytes first = bytes(text_) + begin;
    const Bytes stop = first + (end - begin);
    struct Range {
        Bytes begin, end;
    };
    std::array<Range, unicode::kClasses> firsts{}, lasts{};
    for (Bytes p = first; p < stop;) {
        const split::Look at = split::look(p, stop);
        const auto of = static_cast<std::size_t>(at.is);
        lasts[of] = {p, at.next};
        if (firsts[of].begin == nullptr) firsts[of] = lasts[of];
        const bool near_an_end =
            at.next - first <= static_cast<std::ptrdiff_t>(kEnds) || stop - p <= static_cast<std::ptrdiff_t>(kEnds);
        if (near_an_end) std::fill(stays.begin() + (p - first), stays.begin() + (at.next - first), true);
        p = at.next;
    }
    for (const auto& ranges : {firsts, lasts}) {
        for (const Range& range : ranges) {
            std::fill(stays.begin() + (range.begin - first), stays.begin() + (range.end - first), true);
        }
    }
    return stays;
}

}  // namespace ctxpack::bpe
