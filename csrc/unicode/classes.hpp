// Character classes of the split patterns, for every code point.
#pragma once

#include <cstdint>

namespace ctxpack::unicode {

enum class Class : std::uint8_t {
    other,        // C without \s
    punctuation,  // P, S
    upper,        // Lu, Lt
    lower,        // Ll
    caseless,     // Lm, Lo
    mark,         // M
    number,       // N
    space,        // \s without the two of newline
    newline,      // CR, LF
    // Of the script Han, and of no class above.
    han_punctuation,
    han_letter,
    han_mark,
    han_number,
};
inline constexpr unsigned kClasses = 13;

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

inline constexpr ClassSet kPunctuation = set_of(Class::punctuation, Class::han_punctuation);
inline constexpr ClassSet kCaseless = set_of(Class::caseless, Class::han_letter);
inline constexpr ClassSet kLetters = set_of(Class::upper, Class::lower) | kCaseless;
inline constexpr ClassSet kMarks = set_of(Class::mark, Class::han_mark);
inline constexpr ClassSet kNumbers = set_of(Class::number, Class::han_number);
inline constexpr ClassSet kBlanks = set_of(Class::space, Class::newline);
inline constexpr ClassSet kHan = set_of(Class::han_punctuation, Class::han_letter, Class::han_mark, Class::han_number);

constexpr bool in(Class value, ClassSet set) { return (set >> static_cast<unsigned>(value)) & 1u; }

}  // namespace ctxpack::unicode
