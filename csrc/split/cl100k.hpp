// The split pattern of cl100k_base and of its kin, as a scanner:
//
//   contraction | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,3} |  ?[^\s\p{L}\p{N}]+[\r\n]* | \s+$ | \s*[\r\n] | \s+(?!\S) | \s
//
// The others have \s*[\r\n]+ and \s+ in place of \s+$, \s*[\r\n] and \s. Qwen takes digits one by one and, since 3.5,
// marks for letters.
#pragma once

#include "split/cursor.hpp"
#include "split/traits.hpp"

namespace ctxpack::split {

template <unsigned digits, bool marks_are_letters, bool joins_last_blanks>
struct Cl100kLike : Traits {
    static constexpr unsigned kDigits = digits;
    static constexpr ClassSet kUndecided = marks_are_letters ? kMarks : 0;
    static bool is_separate(Class, Bytes) { return false; }

    // End of the pretoken that starts at `p`. Needs p < end and valid UTF-8; O(length of the pretoken and of the
    // blanks after it).
    static Bytes next(Bytes p, Bytes end) {
        const Look first = look(p, end);
        if (in(first.is, kWord)) return letters(first.next, end);
        if (in(first.is, kNumbers)) return skip_digits<kDigits>(p, end);
        if (const unsigned length = contraction<true>(p, end)) return p + length;
        if (first.is != Class::newline && in(look(first.next, end).is, kWord)) return letters(first.next, end);
        if (in(first.is, kRest)) return symbols(p, end);
        if (*p == ' ' && in(look(p + 1, end).is, kRest)) return symbols(p + 1, end);
        return blanks(p, end);
    }

private:
    static constexpr ClassSet kWord = marks_are_letters ? kLetters | kMarks : kLetters;
    static constexpr ClassSet kRest = kSymbols & ~kWord;

    static Bytes letters(Bytes p, Bytes end) {
        p = skip_ascii_letters<true>(p, end);
        return p == end || *p < 0x80 ? p : skip(p, end, kWord);
    }

    static Bytes symbols(Bytes p, Bytes end) {
        p = skip(p, end, kRest);
        while (p < end && (*p == '\r' || *p == '\n')) ++p;
        return p;
    }

    // In cl100k_base, blanks that reach the end of the text are one pretoken even with newlines among them.
    static Bytes blanks(Bytes p, Bytes end) {
        const Bytes q = skip_blanks(p, end);
        return joins_last_blanks && skip(q, end, kBlanks) == end ? end : q;
    }
};

using Cl100k = Cl100kLike<3, false, true>;
using Llama3 = Cl100kLike<3, false, false>;
using Qwen = Cl100kLike<1, false, false>;
using Qwen35 = Cl100kLike<1, true, false>;

}  // namespace ctxpack::split
