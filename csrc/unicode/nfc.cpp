#include "unicode/nfc.hpp"

#include <cstdint>

#include "unicode/utf8.hpp"

namespace ctxpack::unicode {
namespace {

// For each 64 code points the number of a word with a bit for each of them; words are stored once.
#include "unicode/nfc_table.inc"

bool is_plain(std::uint32_t point) { return kWords[kWordOf[point >> 6]] >> (point & 63) & 1; }

}  // namespace

bool is_plainly_nfc(std::string_view text) {
    const std::uint8_t* p = reinterpret_cast<const std::uint8_t*>(text.data());
    const std::uint8_t* const end = p + text.size();
    while ((p = skip_ascii(p, end)) < end) {
        const Character character = decode(p);
        if (!is_plain(character.point)) return false;
        p += character.length;
    }
    return true;
}

}  // namespace ctxpack::unicode
