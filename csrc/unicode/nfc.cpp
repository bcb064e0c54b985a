#include "unicode/nfc.hpp"

#include <algorithm>

#include "unicode/characters.hpp"
#include "unicode/nfc_kinds.hpp"

namespace ctxpack::unicode {

// The kinds, and the pairs of a character of combining class 0 and a mark that does not stay as it is behind it. Such a
// character may be composed of others, of which the mark joins the first. Where each mark behind a character would stay
// by itself, all do, if their classes do not fall: none comes between what the others are compared with.
#include "unicode/nfc_table.inc"

bool joins(Bytes starter, Bytes mark) {
    const std::uint32_t point = decode(mark).point;
    if (*kind_at(point) == kDoubtful) return true;
    return starter && std::ranges::binary_search(kJoiningPairs, std::uint64_t{decode(starter).point} << 16 | point);
}

namespace {

bool is_plain(Bytes p) { return kind_of(p) == 0; }

// Goes over characters that stay as they are after what is before them, up to one that may not, or to `stop` or a
// little further, but not past `end`.
Bytes skip_settled(Bytes p, Bytes stop, Bytes end, Before& before) {
    while (p < stop) {
        if (*p < 0x80) {
            p = skip_ascii(p, end);
            before = {p - 1, 0};
            continue;
        }
        const Character character = decode(p);
        const unsigned kind = *kind_at(character.point), rank = kind & kClassMask;
        if (rank != 0 && rank < before.rank) break;
        if (kind >= kJoining && joins(before.starter, p)) break;
        if (rank == 0) before.starter = p;
        before.rank = rank;
        p += character.length;
    }
    return p;
}

using SkipWindows = Bytes (*)(Bytes p, Bytes end, Before& before);

SkipWindows skip_windows_for([[maybe_unused]] cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return skip_settled_avx512;
#endif
    return [](Bytes p, Bytes, Before&) { return p; };
}

// The first character that may not stay as it is after what is before it in [p, end), which starts with a plain
// character or the text.
Bytes first_doubtful(Bytes p, Bytes end) {
    const SkipWindows skip_windows = skip_windows_for(cpu::best_level());
    Before before;
    while (p < end) {
        p = skip_windows(p, end, before);
        const Bytes stop = p + std::min(kNfcWindow, end - p);
        p = skip_settled(p, stop, end, before);
        if (p < stop) break;
    }
    return p;
}

}  // namespace

std::size_t first_plain(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && !is_plain(bytes(text) + at)) at = ceil_boundary(text, at + 1);
    return at;
}

std::size_t last_plain(std::string_view text) {
    std::size_t at = text.size();
    while (at > 0) {
        at = floor_boundary(text, at - 1);
        if (is_plain(bytes(text) + at)) return at;
    }
    return 0;
}

Part next_doubtful(std::string_view text, std::size_t from) {
    const Bytes begin = bytes(text);
    const auto at = static_cast<std::size_t>(first_doubtful(begin + from, begin + text.size()) - begin);
    if (at == text.size()) return {at, at};
    return {from + last_plain(text.substr(from, at - from)), at + first_plain(text.substr(at))};
}

}  // namespace ctxpack::unicode
