// The words of a text, as terms that can be compared.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ctxpack::text {

struct Word {
    std::uint64_t term;  // hash of the folded word
    bool first;          // of its unit: a capital says nothing there
    bool name;           // capital, digit, identifier, or of a script without capitals
    bool number;         // holds a digit
};

// Appends the words of one unit: runs of letters and digits in lower case without a plural ending; beside them, whole,
// what `-_./:@` joins if it is an identifier, path, date or the like; pairs of neighbours where a script has no spaces.
// O(bytes). The text must be valid UTF-8.
void append_words(std::string_view text, std::vector<Word>& words);

}  // namespace ctxpack::text
