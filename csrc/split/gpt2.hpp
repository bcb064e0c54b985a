// The split pattern of r50k_base and p50k_base, which GPT-2 had first, as a scanner:
//
//   '(?:[sdmt]|ll|ve|re) |  ?\p{L}+ |  ?\p{N}+ |  ?[^\s\p{L}\p{N}]+ | \s+$ | \s+(?!\S) | \s
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>

#include "split/cursor.hpp"
#include "split/traits.hpp"

namespace ctxpack::split {

struct Gpt2 : Traits {
    static constexpr bool kFoldsContractions = false;
    // Where in a window a blank after ASCII is cut off from what is before it.
    static constexpr std::uint64_t kCuts = 0;
    static bool is_separate(Class, Bytes) { return false; }

    // End of the pretoken that starts at `p`. Needs p < end and valid UTF-8; O(length of the pretoken and of the
    // blanks after it).
    static Bytes next(Bytes p, Bytes end) {
        if (const unsigned length = contraction<kFoldsContractions>(p, end)) return p + length;
        const Bytes q = p + (*p == ' ');
        const Class first = look(q, end).is;
        for (const ClassSet set : {kLetters, kNumbers, kSymbols}) {
            if (in(first, set)) return skip(q, end, set);
        }
        return blanks(p, end);
    }

private:
    // Leaves the last blank of a run to what follows, if anything does.
    static Bytes blanks(Bytes p, Bytes end) {
        Bytes last = p, q = p;
        for (Look at = look(q, end); in(at.is, kBlanks); at = look(q, end)) {
            last = q;
            q = at.next;
        }
        return q == end || last == p ? q : last;
    }
};

// For tokens that have no blank after ASCII, as those of r50k_base: none reaches across such a place, so that
// pretokens may be cut there. Windows cut blanks into pairs, which are two tokens at most, or into single ones; what is
// split character by character stays whole, so that where cuts are depends on the level, and tokens do not.
struct Gpt2Pairs : Gpt2 {
    static constexpr std::uint64_t kCuts = 0x5555555555555555;
};
struct Gpt2Singles : Gpt2 {
    static constexpr std::uint64_t kCuts = ~std::uint64_t{0};
};

// What cuts so, and what leaves the same pretokens whole; with other patterns nothing is cut.
template <class Splitter>
struct Cutting {
    using Whole = Splitter;
    using Pairs = Splitter;
    using Singles = Splitter;
};
template <std::derived_from<Gpt2> Splitter>
struct Cutting<Splitter> {
    using Whole = Gpt2;
    using Pairs = Gpt2Pairs;
    using Singles = Gpt2Singles;
};

}  // namespace ctxpack::split
