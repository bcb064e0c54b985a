// The split pattern of cl100k_base, as a scanner:
//
//   contraction | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,3} |  ?[^\s\p{L}\p{N}]+[\r\n]* | \s+$ | \s*[\r\n] | \s+(?!\S) | \s
#pragma once

#include "split/cursor.hpp"

namespace ctxpack::split {

struct Cl100k {
    static constexpr bool kSplitsCase = false;
    static constexpr bool kSlashesEndSymbols = false;
    static constexpr bool kJoinsContractions = false;

    // End of the pretoken that starts at `p`. Needs p < end and valid UTF-8; O(length of the pretoken and of the
    // blanks after it).
    static Bytes next(Bytes p, Bytes end);

private:
    static Bytes letters(Bytes p, Bytes end);
    static Bytes symbols(Bytes p, Bytes end);
    static Bytes blanks(Bytes p, Bytes end);
};

inline Bytes Cl100k::letters(Bytes p, Bytes end) {
    p = skip_ascii_letters<true>(p, end);
    return p == end || *p < 0x80 ? p : skip(p, end, kLetters);
}

inline Bytes Cl100k::symbols(Bytes p, Bytes end) {
    p = skip(p, end, kSymbols);
    while (p < end && (*p == '\r' || *p == '\n')) ++p;
    return p;
}

// Unlike in o200k_base, blanks that reach the end of the text are one pretoken even with newlines among them.
inline Bytes Cl100k::blanks(Bytes p, Bytes end) {
    const Bytes q = skip_blanks(p, end);
    return skip(q, end, kBlanks) == end ? end : q;
}

inline Bytes Cl100k::next(Bytes p, Bytes end) {
    const Look first = look(p, end);
    if (in(first.is, kLetters)) return letters(first.next, end);
    if (first.is == Class::number) return skip_digits(p, end);
    if (const unsigned length = contraction(p, end)) return p + length;
    if (first.is != Class::newline && in(look(first.next, end).is, kLetters)) return letters(first.next, end);
    if (in(first.is, kSymbols)) return symbols(p, end);
    if (*p == ' ' && in(look(p + 1, end).is, kSymbols)) return symbols(p + 1, end);
    return blanks(p, end);
}

}  // namespace ctxpack::split
