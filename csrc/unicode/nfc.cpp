#include "unicode/nfc.hpp"

#include "unicode/characters.hpp"

namespace ctxpack::unicode {
namespace {

// For each 64 code points the number of a word with a bit for each of them; words are stored once.
#include "unicode/nfc_table.inc"

bool is_plain(std::uint32_t point) { return kWords[kWordOf[point >> 6]] >> (point & 63) & 1; }

}  // namespace

bool is_plainly_nfc(std::string_view text) {
    Bytes p = bytes(text);
    const Bytes end = p + text.size();
    while ((p = skip_ascii(p, end)) < end) {
        const Character character = decode(p);
        if (!is_plain(character.point)) return false;
        p += character.length;
    }
    return true;
}

std::size_t first_plain(std::string_view text) {
    const Bytes begin = bytes(text);
    std::size_t at = 0;
    while (at < text.size()) {
        const Character character = decode(begin + at);
        if (is_plain(character.point)) break;
        at += character.length;
    }
    return at;
}

std::size_t last_plain(std::string_view text) {
    std::size_t at = text.size();
    while (at > 0) {
        at = floor_boundary(text, at - 1);
        if (is_plain(decode(bytes(text) + at).point)) return at;
    }
    return 0;
}

}  // namespace ctxpack::unicode
