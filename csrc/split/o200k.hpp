// The split pattern of o200k_base, Tekken and Kimi, as a scanner:
//
//   P?[UCM]*[LCM]+(contraction)? | P?[UCM]+[LCM]*(contraction)? | \p{N}{1,3} |  ?[^\s\p{L}\p{N}]+[\r\n/]*
//   | \s*[\r\n]+ | \s+(?!\S) | \s+
//
// with U = Lu Lt, L = Ll, C = Lm Lo, M = M, and P = anything but CR, LF, letters and numbers. M is in P as well as in
// the letters, so that a mark may open a word as its prefix or as its first letter. Tekken has no contractions and
// takes digits one by one. Kimi has no slash, tries \p{Han}+ before all others, and has no Han in U, L, C and M.
#pragma once

#include "split/cursor.hpp"
#include "split/traits.hpp"

namespace ctxpack::split {

template <unsigned digits, bool contractions, bool slashes, bool separates_han>
struct O200kLike : Traits {
    static constexpr unsigned kDigits = digits;
    static constexpr bool kHasContractions = contractions;
    static constexpr bool kJoinsContractions = true;
    static constexpr bool kSplitsCase = true;
    static constexpr bool kSlashesEndSymbols = slashes;
    static constexpr bool kSeparatesHan = separates_han;
    static bool is_separate(Class is, Bytes) { return separates_han && is == Class::han_letter; }
    static constexpr ClassSet kUndecided = kMarks | (separates_han ? kHan : 0);

    // End of the pretoken that starts at `p`. Needs p < end and valid UTF-8; O(length of the pretoken and of the
    // blanks after it).
    static Bytes next(Bytes p, Bytes end) {
        // Most pretokens by far: lower-case letters, perhaps after a space, that end before another ASCII character.
        const Bytes letters = p + (*p == ' ');
        const Bytes stop = skip_ascii_letters<false>(letters, end);
        if (stop > letters && stop < end && *stop < 0x80 && *stop != '\'') [[likely]]
            return stop;
        return any_next(p, end);
    }

private:
    static constexpr ClassSet kEither = (kCaseless | kMarks) & ~(separates_han ? kHan : 0);
    static constexpr ClassSet kUpper = set_of(Class::upper) | kEither;
    static constexpr ClassSet kLower = set_of(Class::lower) | kEither;
    static constexpr ClassSet kWord = kUpper | kLower;

    static Bytes any_next(Bytes p, Bytes end) {
        if constexpr (separates_han) {
            if (const Bytes after = skip(skip_common_han(p, end), end, kHan); after > p) return after;
        }
        const Look first = look(p, end);
        switch (first.is) {
            case Class::lower:
                return with_contraction(lower_run(first.next, end), end);
            case Class::upper:
            case Class::caseless:
            case Class::han_letter: {
                const Bytes q = mixed_case(p, end);
                return with_contraction(q ? q : skip(p, end, kUpper), end);
            }
            case Class::number:
            case Class::han_number:
                return skip_digits<kDigits>(p, end);
            case Class::newline:
                return skip_blanks(p, end);
            default:
                break;
        }
        if (Bytes q = prefixed_word(p, end, first)) return with_contraction(q, end);
        if (first.is != Class::space) return symbols(p, end);
        if (*p == ' ' && in(look(p + 1, end).is, kSymbols)) return symbols(p + 1, end);
        return skip_blanks(p, end);
    }

    static Bytes with_contraction(Bytes p, Bytes end) { return kHasContractions ? p + contraction<true>(p, end) : p; }

    // [LCM]* from `p`.
    static Bytes lower_run(Bytes p, Bytes end) {
        p = skip_ascii_letters<false>(p, end);
        return p == end || *p < 0x80 ? p : skip(p, end, kLower);
    }

    // [UCM]*[LCM]+ from `p`, or nullptr. Where no lower-case letter follows the run of UCM, the regex gives characters
    // back until the last one is a C or M, which [LCM]+ can take.
    static Bytes mixed_case(Bytes p, Bytes end) {
        Bytes after_caseless = nullptr;
        Look at = look(p, end);
        for (; in(at.is, kUpper); at = look(p, end)) {
            p = at.next;
            if (at.is != Class::upper) after_caseless = p;
        }
        return at.is == Class::lower ? lower_run(at.next, end) : after_caseless;
    }

    // The word alternatives for a first character that can be the prefix, in the pattern's order; nullptr where none
    // fits.
    static Bytes prefixed_word(Bytes p, Bytes end, Look first) {
        const bool mark = in(first.is, kMarks);
        const bool word_follows = in(look(first.next, end).is, kWord);
        if (word_follows) {
            if (Bytes q = mixed_case(first.next, end)) return q;
        }
        if (mark) return mixed_case(p, end);
        // Only upper-case letters follow: the first alternative would have taken anything else.
        return word_follows ? skip(first.next, end, kUpper) : nullptr;
    }

    static Bytes symbols(Bytes p, Bytes end) {
        p = skip(p, end, kSymbols);
        while (p < end && (*p == '\r' || *p == '\n' || (kSlashesEndSymbols && *p == '/'))) ++p;
        return p;
    }
};

using O200k = O200kLike<3, true, true, false>;
using Tekken = O200kLike<1, false, true, false>;
using Kimi = O200kLike<3, true, false, true>;

}  // namespace ctxpack::split
