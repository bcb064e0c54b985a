#include "unicode/nfc.hpp"

#include <algorithm>
#include <iterator>

#include "unicode/characters.hpp"

namespace ctxpack::unicode {
namespace {

// For each code point its kind:
//   0            plain
//   1 to 62      a mark; the rank of its combining class among all there are
//   64 to 126    such a mark, or one of class 0, that joins some characters of class 0; less 64 the same rank
//   127          not in NFC by itself, or not known
// and the pairs of such a character and a mark that does not stay as it is behind it. A character may be composed of
// others, of which the mark joins the first. Where each mark behind a character stays by itself, all do, if their
// classes do not fall: none comes between what the others are compared with.
#include "unicode/nfc_table.inc"

constexpr unsigned kBlockBits = 7, kClassMask = 63, kJoining = 64, kDoubtful = 127;

unsigned kind_of(std::uint32_t point) {
    return kNfcBlocks[kNfcBlockOf[point >> kBlockBits]][point & ((1u << kBlockBits) - 1)];
}

bool is_plain(Bytes p) { return kind_of(decode(p).point) == 0; }

// Whether a mark of that kind joins the character at `starter`, which may be null.
bool joins(Bytes starter, std::uint32_t mark, unsigned kind) {
    if (kind == kDoubtful) return true;
    if (!starter) return false;
    return std::ranges::binary_search(kJoiningPairs, std::uint64_t{decode(starter).point} << 16 | mark);
}

// The first character that may not stay as it is after what is before it in [p, end), which starts with a plain
// character or the text.
Bytes first_doubtful(Bytes p, Bytes end) {
    Bytes starter = nullptr;
    unsigned before = 0;
    while (p < end) {
        if (*p < 0x80) {
            p = skip_ascii(p, end);
            starter = p - 1;
            before = 0;
            continue;
        }
        const Character character = decode(p);
        const unsigned kind = kind_of(character.point), mark_class = kind & kClassMask;
        if (mark_class != 0 && mark_class < before) return p;
        if (kind >= kJoining && joins(starter, character.point, kind)) return p;
        if (mark_class == 0) starter = p;
        before = mark_class;
        p += character.length;
    }
    return end;
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
