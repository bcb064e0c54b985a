// Character classes of the split patterns, for every code point.
#pragma once

#include <cstdint>

namespace ctxpack::unicode {

enum class Class : std::uint8_t {
    other,
    upper,     // Lu, Lt
    lower,     // Ll
    caseless,  // Lm, Lo
    mark,      // M
    number,    // N
    space,     // \s without the two of newline
    newline,   // CR, LF
};

// Two-stage table: blocks of 128 code points, each distinct block stored once (class_table.inc is generated).
inline constexpr unsigned kBlockBits = 7;
extern const std::uint8_t kBlockOf[0x110000 >> kBlockBits];
extern const std::uint8_t kBlocks[][1 << kBlockBits];

inline Class class_of(std::uint32_t point) {
    return static_cast<Class>(kBlocks[kBlockOf[point >> kBlockBits]][point & ((1u << kBlockBits) - 1)]);
}

inline Class class_of_ascii(std::uint8_t byte) { return static_cast<Class>(kBlocks[0][byte]); }

// A set of classes as a bit mask, so that membership is one shift.
using ClassSet = unsigned;

constexpr ClassSet set_of(auto... classes) { return ((1u << static_cast<unsigned>(classes)) | ...); }

constexpr bool in(Class value, ClassSet set) { return (set >> static_cast<unsigned>(value)) & 1u; }

}  // namespace ctxpack::unicode
