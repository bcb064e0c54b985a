// Case folding of single letters, for the scripts that have case and are in daily use, and which scripts are written
// without spaces.
#pragma once

#include <cstdint>

namespace ctxpack::text {

// In blocks where capitals and small letters take turns, capitals are even (or odd, from an odd `first` on).
inline bool alternates(std::uint32_t point, std::uint32_t first, std::uint32_t last) {
    return point >= first && point <= last && (point - first) % 2 == 0;
}

inline bool within(std::uint32_t point, std::uint32_t first, std::uint32_t last) {
    return point >= first && point <= last;
}

// The small letter of a capital of Latin, Greek, Cyrillic or Armenian script, or in full width; any other character
// itself.
inline std::uint32_t fold_case(std::uint32_t point) {
    if (point < 0x80) return within(point, 'A', 'Z') ? point + 0x20 : point;
    if (within(point, 0xC0, 0xDE) && point != 0xD7) return point + 0x20;
    if (alternates(point, 0x100, 0x136) && point != 0x130) return point + 1;
    if (alternates(point, 0x139, 0x147) || alternates(point, 0x14A, 0x176)) return point + 1;
    if (alternates(point, 0x179, 0x17D)) return point + 1;
    if (within(point, 0x391, 0x3A9)) return point + 0x20;
    if (point == 0x3C2) return 0x3C3;  // final sigma
    if (within(point, 0x410, 0x42F)) return point + 0x20;
    if (within(point, 0x400, 0x40F)) return point + 0x50;
    if (alternates(point, 0x460, 0x480) || alternates(point, 0x48A, 0x4BE)) return point + 1;
    if (alternates(point, 0x4D0, 0x52E)) return point + 1;
    if (within(point, 0x531, 0x556)) return point + 0x30;
    if (alternates(point, 0x1E00, 0x1E94) || alternates(point, 0x1EA0, 0x1EFE)) return point + 1;
    if (within(point, 0xFF21, 0xFF3A)) return point + 0x20;
    return point;
}

// Whether words of the character's script stand without spaces, or, in Korean, carry endings that change.
inline bool is_unspaced(std::uint32_t point) {
    return within(point, 0x0E00, 0x0EFF) || within(point, 0x1000, 0x109F) || within(point, 0x1780, 0x17FF) ||
           within(point, 0x3005, 0x3007) || within(point, 0x3040, 0x30FF) || within(point, 0x3400, 0x4DBF) ||
           within(point, 0x4E00, 0x9FFF) || within(point, 0xAC00, 0xD7A3) || within(point, 0xF900, 0xFAFF) ||
           within(point, 0xFF66, 0xFF9F) || within(point, 0x20000, 0x3FFFF);
}

}  // namespace ctxpack::text
