// UTF-8: decoding of text known to be valid, and the check that it is.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ctxpack {

// Text as bytes, and back.
using Bytes = const std::uint8_t*;
inline Bytes bytes(std::string_view text) { return reinterpret_cast<Bytes>(text.data()); }
inline std::string_view view(Bytes p, std::size_t size) { return {reinterpret_cast<const char*>(p), size}; }

namespace unicode {

inline bool is_continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

// UTF-8 never has this byte.
inline bool is_in_no_text(std::uint8_t byte) { return byte == 0xC0 || byte == 0xC1 || byte >= 0xF5; }

// Bytes of the character that starts with `lead`; 1 for a continuation byte.
inline unsigned sequence_length(std::uint8_t lead) {
    if (lead < 0xC0) return 1;
    if (lead < 0xE0) return 2;
    return lead < 0xF0 ? 3 : 4;
}

struct Character {
    std::uint32_t point;
    unsigned length;  // bytes
};

// UTF-8 has none of these code points.
inline bool is_surrogate(std::uint32_t point) { return point >= 0xD800 && point < 0xE000; }

// Decodes the character at `p`, which must be valid and whole.
inline Character decode(Bytes p) {
    const std::uint32_t lead = p[0];
    if (lead < 0x80) return {lead, 1};
    if (lead < 0xE0) return {(lead & 0x1F) << 6 | (p[1] & 0x3Fu), 2};
    if (lead < 0xF0) return {(lead & 0x0F) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu), 3};
    return {(lead & 0x07) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu), 4};
}

// End of the run of ASCII that starts at `p`, eight bytes at a time. Where there is none the first branch returns,
// which is well predicted in text without ASCII: no character there waits for eight bytes to be looked through.
inline Bytes skip_ascii(Bytes p, Bytes end) {
    if (p == end || *p >= 0x80) return p;
    for (; end - p >= 8; p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        if (const std::uint64_t others = word & 0x8080808080808080u) return p + std::countr_zero(others) / 8;
    }
    while (p < end && *p < 0x80) ++p;
    return p;
}

// Whether all of [p, end) is ASCII. O(bytes).
bool all_ascii(Bytes p, Bytes end);

// Whether the bytes are UTF-8 as Unicode defines it (no surrogates, no overlong forms, nothing above U+10FFFF). O(n).
bool is_valid(Bytes bytes, std::size_t size);

}  // namespace unicode
}  // namespace ctxpack
