#include "unicode/utf8.hpp"

#include <algorithm>

namespace ctxpack::unicode {
namespace {

// Smallest code point that needs a sequence of that many bytes.
constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

// Length of the valid sequence that starts at `p`, which is not ASCII; 0 where there is none.
unsigned checked_length(Bytes p, Bytes end) {
    if (*p < 0xC2 || *p > 0xF4) return 0;
    const unsigned length = sequence_length(*p);
    if (static_cast<std::size_t>(end - p) < length) return 0;
    for (unsigned i = 1; i < length; ++i) {
        if (!is_continuation(p[i])) return 0;
    }
    const std::uint32_t point = decode(p).point;
    const bool surrogate = is_surrogate(point);
    return point < kSmallest[length] || point > 0x10FFFF || surrogate ? 0 : length;
}

}  // namespace

bool all_ascii(Bytes p, Bytes end) {
    return std::all_of(p, end, [](std::uint8_t byte) { return byte < 0x80; });
}

bool is_valid(Bytes bytes, std::size_t size) {
    const Bytes end = bytes + size;
    for (Bytes p = bytes; (p = skip_ascii(p, end)) < end;) {
        const unsigned length = checked_length(p, end);
        if (!length) return false;
        p += length;
    }
    return true;
}

}  // namespace ctxpack::unicode
