// Pretoken starts of 64 bytes at once: one bit a byte, and the patterns as algebra on the bits.
//
// A window begins where a pretoken begins, so nothing before it matters. What it finds holds up to the first byte that
// it cannot decide (past the window, say, or on ARM not ASCII); blanks that touch that byte are not decided either,
// because a run of blanks is split by what follows it. The pretoken that the last start opens is left to the next
// window or, if it is the only one, to the scalar scanner; only where all is decided up to the text's end, that counts
// as the last start, and nothing is left. This algebra also holds with a bit a character: see by_characters.
#pragma once

#include <array>

#include "cpu/level.hpp"
#include "split/gpt2.hpp"

namespace ctxpack::split {

inline constexpr int kWindow = 64;

// What a byte of ASCII, or a character beyond, is to a pattern; it may be several things.
enum Kind : std::uint16_t {
    kUpperCase = 1,
    kLowerCase = 2,
    kDigit = 4,
    kBlank = 8,  // \s without CR and LF
    kSpace = 16,
    kNewline = 32,
    kSymbol = 64,
    kSlash = 128,
    kSeparate = 256,  // no byte of ASCII is
};

constexpr std::uint8_t kinds_of(unsigned byte) {
    if (byte >= 'A' && byte <= 'Z') return kUpperCase;
    if (byte >= 'a' && byte <= 'z') return kLowerCase;
    if (byte >= '0' && byte <= '9') return kDigit;
    if (byte == ' ') return kBlank | kSpace;
    if (byte == '\t' || byte == '\v' || byte == '\f') return kBlank;
    if (byte == '\r' || byte == '\n') return kNewline;
    return byte == '/' ? kSymbol | kSlash : kSymbol;
}

inline constexpr auto kKinds = [] {
    std::array<std::uint8_t, 128> kinds{};
    for (unsigned byte = 0; byte < 128; ++byte) kinds[byte] = kinds_of(byte);
    return kinds;
}();

// Bit i stands for the byte at p + i. What is set after the first bit of `undecided` has no bearing on what is found.
struct Window {
    std::uint64_t undecided;
    std::uint64_t upper, lower, digit, blank, space, newline, symbol, slash, apostrophe, control;
    std::uint64_t end;  // the place right after the text, if the window has it
    // Only where not all is ASCII: letters whose runs a splitter keeps separate from all else, and what is not ASCII.
    std::uint64_t separate = 0, non_ascii = 0;
};

inline std::uint64_t low_bits(int n) { return n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1; }

// The bit after the lowest ones, of which there are as many as the text has bytes; 0 past the last bit.
inline std::uint64_t bit_after(std::uint64_t low) { return ~low & (low + 1); }

// The bytes of `run` that are reached from `seeds` by stepping right within it, seeds in it included.
inline std::uint64_t reached(std::uint64_t seeds, std::uint64_t run) {
    return ((((seeds & run) + run) ^ run) | seeds) & run;
}

inline std::uint64_t run_starts(std::uint64_t run) { return run & ~(run << 1); }

// Every third byte of runs of digits, from their starts.
inline std::uint64_t digit_triples(std::uint64_t digit) {
    std::uint64_t starts = run_starts(digit);
    const std::uint64_t fourth = digit & digit << 1 & digit << 2 & digit << 3;
    for (std::uint64_t next = starts << 3 & fourth; next != 0; next = next << 3 & fourth) starts |= next;
    return starts;
}

// Cuts the contractions among `candidates`, apostrophes at `p`, off from what follows them; where they belong to the
// word before them, also joins them to it.
template <class Splitter>
std::uint64_t with_contractions(std::uint64_t starts, std::uint64_t candidates, std::uint64_t letters, Bytes p,
                                Bytes end) {
    while (candidates != 0) {
        const int at = std::countr_zero(candidates);
        candidates &= candidates - 1;
        const int length = static_cast<int>(contraction<Splitter::kFoldsContractions>(p + at, end));
        if (length == 0) continue;
        const std::uint64_t before = low_bits(at + (Splitter::kJoinsContractions ? 0 : 1));
        const std::uint64_t after = ~low_bits(at + length);
        const std::uint64_t next = after & ~(after << 1);
        starts = (starts & (before | after)) | (letters & next);
        // An apostrophe right after a contraction opens a pretoken of its own.
        if (Splitter::kJoinsContractions) candidates &= ~next;
    }
    return starts;
}

// Of the starts, those up to where blanks touch the first undecided byte. The text's end is one if nothing before it is
// undecided.
inline std::uint64_t decided_starts(std::uint64_t starts, std::uint64_t undecided, std::uint64_t white,
                                    std::uint64_t end) {
    const std::uint64_t decided = low_bits(std::countr_zero(undecided));
    const std::uint64_t found = (starts & decided) | (end & bit_after(decided));
    return found & low_bits(std::bit_width(decided & ~white) + 1);
}

// What characters of a class are for a splitter that does not keep them separate; 0 where windows cannot decide them.
template <class Splitter>
constexpr std::uint8_t kinds_of(Class is) {
    if (in(is, Splitter::kUndecided)) return 0;
    if (in(is, kCaseless)) return kUpperCase | kLowerCase;
    if (in(is, kNumbers)) return kDigit;
    if (is == Class::upper) return kUpperCase;
    if (is == Class::lower) return kLowerCase;
    return is == Class::space ? kBlank : kSymbol;
}

template <class Splitter>
inline constexpr auto kKindsOfClasses = [] {
    std::array<std::uint8_t, unicode::kClasses> kinds{};
    for (unsigned is = 0; is < kinds.size(); ++is) kinds[is] = kinds_of<Splitter>(static_cast<Class>(is));
    return kinds;
}();

// What the character at `p` is for a splitter; 0 where windows cannot decide it.
template <class Splitter>
CTXPACK_INLINE unsigned kinds_at(Bytes p, Bytes end) {
    const Class is = look(p, end).is;
    if (Splitter::is_separate(is, p)) return in(is, kLetters) ? kSeparate : 0;
    return kKindsOfClasses<Splitter>[static_cast<unsigned>(is)];
}

// The starts of pretokens in the window at `p`, and the text's end, up to where it can decide; 0 where that is nowhere.
template <class Splitter>
inline std::uint64_t starts_in(const Window& is, Bytes p, Bytes end) {
    const std::uint64_t letters = is.upper | is.lower, caseless = is.upper & is.lower;
    const std::uint64_t tails = is.newline | (Splitter::kSlashesEndSymbols ? is.slash : 0);
    const std::uint64_t tail = reached(is.newline & is.symbol << 1, tails);
    const std::uint64_t symbol = is.symbol & ~tail;
    const std::uint64_t newline = is.newline & ~tail;
    const std::uint64_t white = is.blank | newline;

    // A space goes with the symbols after it. The last blank of a run goes with a word after it, and stands alone
    // before anything else; with newlines in the run, a pretoken ends after the last of them.
    const std::uint64_t symbols = run_starts(symbol) & ~(is.space << 1);
    const std::uint64_t prefixes = symbols & ~(Splitter::kPrefixesAreAscii ? is.non_ascii : 0);
    const std::uint64_t words = run_starts(letters) & ~((is.blank | prefixes) << 1);
    const std::uint64_t joined = white | (Splitter::kDigitsEndText ? is.digit | is.separate : 0);
    const std::uint64_t last_blanks = is.blank & ~(joined >> 1);
    const std::uint64_t after_newlines = is.blank & newline << 1;
    const std::uint64_t cases = Splitter::kSplitsCase ? is.upper & ~caseless & (is.lower & ~caseless) << 1 : 0;
    std::uint64_t starts = 1 | symbols | words | run_starts(white) | last_blanks | after_newlines | cases;
    if (Splitter::kSeparatesHan) starts |= run_starts(is.separate);
    starts |= Splitter::kDigits == 1 ? is.digit : digit_triples(is.digit);

    const std::uint64_t contractions = is.apostrophe & (Splitter::kJoinsContractions ? letters << 1 : symbols);
    if (Splitter::kHasContractions && contractions != 0)
        starts = with_contractions<Splitter>(starts, contractions, letters, p, end);

    // Blanks between newlines: which newline is the last is not known at the first, so they count as undecided.
    const std::uint64_t between = (is.blank + after_newlines) & newline;
    const std::uint64_t controls = Splitter::kControlsAreSymbols ? 0 : is.control;
    // How a word with letters of both kinds is split depends on more than neighbours.
    const std::uint64_t mixed = Splitter::kSplitsCase ? letters & letters << 1 & (caseless ^ caseless << 1) : 0;
    // Words that other letters end where a symbol is their prefix.
    const std::uint64_t cut = Splitter::kPrefixesAreAscii ? reached(prefixes << 1, letters) & is.non_ascii : 0;
    return decided_starts(starts, is.undecided | between | controls | mixed | cut, white, is.end);
}

// A space goes with whatever is after it, and no other blank with anything.
template <std::derived_from<Gpt2> Splitter>
inline std::uint64_t starts_in(const Window& is, Bytes p, Bytes end) {
    const std::uint64_t letters = is.upper | is.lower;
    const std::uint64_t white = is.blank | is.newline;
    const std::uint64_t symbols = run_starts(is.symbol) & ~(is.space << 1);
    const std::uint64_t words = (run_starts(letters) | run_starts(is.digit)) & ~(is.space << 1);
    const std::uint64_t cuts = is.space & ~(is.non_ascii << 1) & Splitter::kCuts;
    std::uint64_t starts = 1 | symbols | words | run_starts(white) | (white & ~(white >> 1)) | cuts;
    const std::uint64_t contractions = is.apostrophe & symbols;
    if (contractions != 0) starts = with_contractions<Gpt2>(starts, contractions, letters, p, end);
    return decided_starts(starts, is.undecided, white, is.end);
}

}  // namespace ctxpack::split
