#include "bpe/symbols.hpp"

#include <algorithm>

#include "cpu/level.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {
namespace {

// A character; of one that is not whole no code point.
struct Look {
    static constexpr std::uint32_t kNoPoint = 0xFFFFFFFF;

    Look(Bytes p, Bytes end) : next(std::min(p + unicode::sequence_length(*p), end)) {
        const bool whole = !unicode::is_continuation(*p) && next - p == unicode::sequence_length(*p);
        if (whole) point = unicode::decode(p).point;
    }

    Bytes next;
    std::uint32_t point = kNoPoint;
};

// Writes the symbols of characters. Calls visit(point, next point, where its symbols end, whether a token of parts of
// characters may lie across the place after it) for each but the last, and visit_last(point, where its symbols end).
//
// A character stays in bytes where such a token may lie across one of its ends before it is whole.
template <class Visit, class VisitLast>
CTXPACK_INLINE void visit_symbols(const Vocabulary& vocabulary, const Merges& merges, Bytes begin, Bytes end,
                                  TokenId* to, Visit visit, VisitLast visit_last) {
    const auto write = [&](Bytes p, const Look& at, bool straddled) {
        const Merges::Character character = straddled ? Merges::Character{} : merges.character(at.point);
        if (character.first != kNoToken) [[likely]] {
            to[0] = character.first;
            to[1] = character.second;
            to += 1 + (character.second != kNoToken);
        } else {
            for (; p < at.next; ++p) *to++ = vocabulary.byte_rank(*p);
        }
    };
    bool straddled = false;
    Look at(begin, end);
    Bytes p = begin;
    while (at.next < end) {
        const Look next(at.next, end);
        const bool non_ascii = (at.point | next.point) >= Cuts::kAscii;
        const auto whole_from = [&] { return std::max(merges.whole_from(at.point), merges.whole_from(next.point)); };
        const bool crossed = non_ascii && merges.straddle().may_straddle(at.next, end);
        const bool straddled_next = crossed && merges.straddle().may_straddle(at.next, end, whole_from());
        write(p, at, straddled | straddled_next);
        visit(at.point, next.point, to, crossed);
        straddled = straddled_next;
        p = at.next;
        at = next;
    }
    write(p, at, straddled);
    visit_last(at.point, to);
}

}  // namespace

std::size_t first_symbols(const Vocabulary& vocabulary, const Merges& merges, Bytes begin, Bytes end, TokenId* to) {
    std::size_t symbols = 0;
    const auto nothing = [](auto...) {};
    visit_symbols(vocabulary, merges, begin, end, to, nothing,
                  [&](std::uint32_t, const TokenId* last) { symbols = static_cast<std::size_t>(last - to); });
    return symbols;
}

std::size_t symbols_by_parts(const Vocabulary& vocabulary, const Merges& merges, Bytes begin, Bytes end, TokenId* to,
                             Part* parts) {
    const Cuts& cuts = merges.cuts();
    std::size_t filled = 0;
    const TokenId* start = to;
    bool starts = true;  // a part, with the character that is visited
    const auto end_part = [&](std::uint32_t point, const TokenId* last) {
        const bool is_known = starts && point < Cuts::kPoints && cuts.alone()[point] != 0;
        parts[filled++] = {static_cast<std::uint16_t>(last - start), is_known};
        start = last;
    };
    const auto visit = [&](std::uint32_t point, std::uint32_t next, const TokenId* last, bool crossed) {
        const bool ends = !crossed && (point | next) >= Cuts::kAscii && !cuts.may_be_joined(point, next);
        if (ends) end_part(point, last);
        starts = ends;
    };
    visit_symbols(vocabulary, merges, begin, end, to, visit, end_part);
    return filled;
}

}  // namespace ctxpack::bpe
