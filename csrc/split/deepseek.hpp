// The split pattern of DeepSeek V3, as a scanner. Three patterns, each of which cuts all the sections that the one
// before left into its matches and what lies between them:
//
//   \p{N}{1,3}
//   [一-龥぀-ゟ゠-ヿ]+
//   [ASCII punctuation][A-Za-z]+ | [^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+ |  ?[\p{P}\p{S}]+[\r\n]* | \s*[\r\n]+ |
//   \s+(?!\S) | \s+
//
// So what the last one sees ends before a number, and before what the second takes. It leaves nothing between its
// matches but other characters.
#pragma once

#include "split/cursor.hpp"
#include "split/traits.hpp"

namespace ctxpack::split {

struct DeepSeek : Traits {
    static constexpr unsigned kDigits = 3;
    static constexpr bool kHasContractions = false;
    static constexpr bool kControlsAreSymbols = false;
    static constexpr bool kDigitsEndText = true;
    static constexpr bool kPrefixesAreAscii = true;
    static constexpr bool kSeparatesHan = true;
    static bool is_separate(Class, Bytes p) { return is_ideographic(p); }
    static constexpr ClassSet kUndecided = kMarks | set_of(Class::other);

    // End of the pretoken that starts at `p`. Needs p < end and valid UTF-8; O(length of the pretoken and of the
    // blanks after it).
    static Bytes next(Bytes p, Bytes end) {
        if (const Bytes after = skip_common_han(p, end); after > p) return run<true>(after, end, kWord);
        if (in(look(p, end).is, kNumbers)) return skip_digits<kDigits>(p, end);
        return is_ideographic(p) ? next_in_section<true>(p, end) : next_in_section<false>(p, end);
    }

private:
    static constexpr ClassSet kWord = kLetters | kMarks;

    // Whether the character at `p` is in [一-龥぀-ゟ゠-ヿ].
    static bool is_ideographic(Bytes p) {
        if (*p < 0xE3) return false;
        const std::uint32_t point = unicode::decode(p).point;
        return (point >= 0x4E00 && point <= 0x9FA5) || (point >= 0x3040 && point <= 0x30FF);
    }

    // What the last pattern makes of a section that is a match of the second, or of one that is none.
    template <bool ideographic>
    static Bytes next_in_section(Bytes p, Bytes end) {
        const Look first = look(p, end);
        if (in(first.is, kWord)) return run<ideographic>(first.next, end, kWord);
        if (in(first.is, kPunctuation)) {
            const Bytes letters = *p < 0x80 ? skip_ascii_letters<true>(first.next, end) : first.next;
            return letters > first.next ? letters : symbols<ideographic>(p, end);
        }
        const ClassSet after = set_of(look_in_section<ideographic>(first.next, end).is);
        if (first.is != Class::newline && (after & kWord)) return run<ideographic>(first.next, end, kWord);
        if (*p == ' ' && (after & kPunctuation)) return symbols<ideographic>(first.next, end);
        return first.is == Class::other ? unmatched<ideographic>(first.next, end) : blanks(p, end);
    }

    // The class is in no set at the end of the section.
    template <bool ideographic>
    static Look look_in_section(Bytes p, Bytes end) {
        const Look at = look(p, end);
        return in(at.is, kNumbers) || (p < end && is_ideographic(p) != ideographic) ? Look{kNothing, p} : at;
    }

    template <bool ideographic>
    static Bytes run(Bytes p, Bytes end, ClassSet set) {
        for (Look at = look_in_section<ideographic>(p, end); in(at.is, set);
             at = look_in_section<ideographic>(p, end)) {
            p = at.next;
        }
        return p;
    }

    template <bool ideographic>
    static Bytes symbols(Bytes p, Bytes end) {
        p = run<ideographic>(p, end, kPunctuation);
        while (!ideographic && p < end && (*p == '\r' || *p == '\n')) ++p;
        return p;
    }

    // End of the run of other characters up to `p`, of which the last may be the prefix of a word.
    template <bool ideographic>
    static Bytes unmatched(Bytes p, Bytes end) {
        for (Look at = look_in_section<ideographic>(p, end); at.is == Class::other;
             at = look_in_section<ideographic>(p, end)) {
            if (in(look_in_section<ideographic>(at.next, end).is, kWord)) break;
            p = at.next;
        }
        return p;
    }

    // Blanks at the end of a section are one pretoken, as at the end of a text.
    static Bytes blanks(Bytes p, Bytes end) {
        const Bytes q = skip(p, end, kBlanks);
        return skip_blanks(p, look_in_section<false>(q, end).is == kNothing ? q : end);
    }
};

}  // namespace ctxpack::split
