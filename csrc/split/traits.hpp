// What the window scanners ask of a split pattern.
#pragma once

#include "split/cursor.hpp"

namespace ctxpack::split {

// A scanner derives from Traits and hides the members that differ for its pattern. It also has:
//
//   kDigits            numbers of a pretoken at most; GPT-2 has no such limit
//   next(p, end)       the end of the pretoken at `p`, found character by character where windows do not decide
//   is_separate(is, p) whether the character at `p`, of the class `is`, is one that kSeparatesHan tells of
struct Traits {
    // Contractions: whether there are any, in any case, and whether they go with the word before them.
    static constexpr bool kHasContractions = true;
    static constexpr bool kFoldsContractions = true;
    static constexpr bool kJoinsContractions = false;

    static constexpr bool kSplitsCase = false;         // before an upper-case letter that follows a lower-case one
    static constexpr bool kSlashesEndSymbols = false;  // among the newlines that go with symbols
    static constexpr bool kControlsAreSymbols = true;
    static constexpr bool kDigitsEndText = false;     // for the blanks before them
    static constexpr bool kPrefixesAreAscii = false;  // the symbols that a word may begin with

    static constexpr bool kSeparatesHan = false;  // or letters like it: no other letters go with them

    static constexpr ClassSet kUndecided = 0;  // beyond ASCII, what a window cannot decide
};

}  // namespace ctxpack::split
