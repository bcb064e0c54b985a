// What the scanners of all split patterns share: looking at a character's class, and the runs they are made of.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "unicode/classes.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::split {

using unicode::Class;
using unicode::ClassSet;
using unicode::in;
using unicode::kBlanks;
using unicode::kCaseless;
using unicode::kHan;
using unicode::kLetters;
using unicode::kMarks;
using unicode::kNumbers;
using unicode::kPunctuation;
using unicode::set_of;

// [^\s\p{L}\p{N}]
inline constexpr ClassSet kSymbols = set_of(Class::other) | kPunctuation | kMarks;

// One character of valid UTF-8: its class and its end. At the end of the text the class is in no set.
struct Look {
    Class is;
    Bytes next;
};

inline constexpr Class kNothing = static_cast<Class>(31);  // the bit of a set that none has

inline Look look(Bytes p, Bytes end) {
    if (p == end) return {kNothing, p};
    if (*p < 0x80) return {unicode::class_of_ascii(*p), p + 1};
    const unicode::Character character = unicode::decode(p);
    return {unicode::class_of(character.point), p + character.length};
}

// End of the longest run of characters of a set that starts at `p`.
inline Bytes skip(Bytes p, Bytes end, ClassSet set) {
    for (;;) {
        while (p < end && *p < 0x80 && in(unicode::class_of_ascii(*p), set)) ++p;
        if (p == end || *p < 0x80) return p;
        const unicode::Character character = unicode::decode(p);
        if (!in(unicode::class_of(character.point), set)) return p;
        p += character.length;
    }
}

// Every byte of a word set to `value`.
constexpr std::uint64_t each(std::uint64_t value) { return value * 0x0101010101010101u; }

// End of the run of a-z that starts at `p`, eight bytes at a time: letters come in runs too short for a branch a byte.
// With `fold`, of a-z and A-Z.
template <bool fold>
inline Bytes skip_ascii_letters(Bytes p, Bytes end) {
    for (; end - p >= 8; p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        const std::uint64_t low = (fold ? word | each(0x20) : word) & each(0x7F);
        const std::uint64_t letters = (low + each(0x80 - 'a')) & ~(low + each(0x7F - 'z')) & ~word & each(0x80);
        if (const std::uint64_t rest = letters ^ each(0x80)) return p + std::countr_zero(rest) / 8;
    }
    while (p < end && static_cast<std::uint8_t>((fold ? *p | 0x20 : *p) - 'a') < 26) ++p;
    return p;
}

// End of the run of 一 to 龥 that starts at `p`. All of them are letters of Han, and nearly all that Chinese is written
// with; UTF-8 has the order of code points, so their bytes alone tell.
inline Bytes skip_common_han(Bytes p, Bytes end) {
    constexpr std::uint32_t kFirst = 0xE4B880, kLast = 0xE9BEA5;
    for (; end - p >= 3; p += 3) {
        const std::uint32_t bytes = std::uint32_t{p[0]} << 16 | std::uint32_t{p[1]} << 8 | p[2];
        if (bytes - kFirst > kLast - kFirst) break;
    }
    return p;
}

// \p{N}{1,most}, where `p` is known to be at a number.
template <unsigned most>
inline Bytes skip_digits(Bytes p, Bytes end) {
    for (unsigned digits = 0; digits < most; ++digits) {
        const Look at = look(p, end);
        if (!in(at.is, kNumbers)) break;
        p = at.next;
    }
    return p;
}

// Length of a contraction ('s 't 'm 'd 're 've 'll) at `p`; 0 where there is none. With `fold`, in any case; U+017F
// folds to s.
template <bool fold>
inline unsigned contraction(Bytes p, Bytes end) {
    constexpr unsigned kCase = fold ? 0x20 : 0;
    if (end - p < 2 || *p != '\'') return 0;
    const unsigned first = p[1] | kCase;
    if (p[1] < 0x80 && (first == 's' || first == 't' || first == 'm' || first == 'd')) return 2;
    if (end - p < 3) return 0;
    if (fold && p[1] == 0xC5 && p[2] == 0xBF) return 3;
    const unsigned second = p[2] | kCase;
    const bool pair = (second == 'e' && (first == 'r' || first == 'v')) || (second == 'l' && first == 'l');
    return pair && p[1] < 0x80 && p[2] < 0x80 ? 3 : 0;
}

// The blank alternatives, with `p` at a blank that no other alternative takes:
//   \s*[\r\n]+ | \s+(?!\S) | \s+
// A run with a newline ends after its last newline; else it leaves its last blank to what follows, if anything does.
inline Bytes skip_blanks(Bytes p, Bytes end) {
    Bytes last = p;
    Bytes after_newline = nullptr;
    Bytes q = p;
    for (Look at = look(q, end); in(at.is, kBlanks); at = look(q, end)) {
        last = q;
        q = at.next;
        if (at.is == Class::newline) after_newline = q;
    }
    if (after_newline) return after_newline;
    return q == end || last == p ? q : last;
}

}  // namespace ctxpack::split
