#include "text/sentences.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "text/bytes.hpp"
#include "unicode/classes.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::text {
namespace {

using Names = std::span<const std::string_view>;

// Signs that end a sentence even where no space follows, and those that need one.
constexpr std::array<std::string_view, 6> kFullStops{"。", "！", "？", "｡", "।", "۔"};
constexpr std::array<std::string_view, 5> kStops{".", "!", "?", "…", "؟"};
constexpr std::array<std::string_view, 11> kClosers{"\"", "'", ")", "]", "”", "’", "»", "」", "』", "）", "】"};

// Sorted; in lower case, without the last stop.
constexpr std::array<std::string_view, 40> kAbbreviations{
    "al",  "approx", "bros", "ca",   "capt", "cf",  "co",  "col", "corp", "dept", "dr",  "ed",  "eg", "est",
    "etc", "fig",    "gen",  "gov",  "hon",  "ie",  "inc", "jr",  "lt",   "ltd",  "mr",  "mrs", "ms", "mt",
    "no",  "nos",    "pp",   "prof", "rep",  "rev", "sen", "sgt", "sr",   "st",   "vol", "vs"};
constexpr std::size_t kLongestAbbreviation = 6;

// Bytes of the one of `names` that stands at `at`; 0 where none does.
std::size_t match(std::string_view text, std::size_t at, Names names) {
    for (const auto name : names) {
        if (text.substr(at).starts_with(name)) return name.size();
    }
    return 0;
}

std::size_t skip(std::string_view text, std::size_t at, Names names) {
    while (const std::size_t size = match(text, at, names)) at += size;
    return at;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) ++at;
    return at;
}

// The word that the stop at `stop` ends, in as far as it may be an abbreviation.
std::string_view word_before(std::string_view text, std::size_t from, std::size_t stop) {
    std::size_t begin = stop;
    const auto belongs = [](char byte) { return is_ascii_letter(byte) || byte == '.'; };
    while (begin > from && stop - begin <= kLongestAbbreviation && belongs(text[begin - 1])) --begin;
    return text.substr(begin, stop - begin);
}

bool is_abbreviation(std::string_view word) {
    if (word.size() > kLongestAbbreviation) return false;
    if (word.size() == 1 || word.find('.') != word.npos) return !word.empty();
    std::string lower;
    for (const char letter : word) lower += static_cast<char>(letter | 0x20);
    return std::ranges::binary_search(kAbbreviations, std::string_view(lower));
}

bool goes_on(std::string_view text, std::size_t at) {
    const auto point = unicode::decode(bytes(text) + at).point;
    return unicode::class_of(point) == unicode::Class::lower;
}

// The end of the sentence whose stop is at `at`, or 0 where that ends none.
std::size_t end_at(std::string_view text, std::size_t from, std::size_t at) {
    if (const std::size_t size = match(text, at, kFullStops)) {
        return skip_space(text, skip(text, skip(text, at + size, kFullStops), kClosers));
    }
    if (match(text, at, kStops) == 0) return 0;
    const std::size_t behind = skip(text, skip(text, at, kStops), kClosers);
    const std::size_t end = skip_space(text, behind);
    if (end == text.size()) return end;
    if (end == behind || goes_on(text, end)) return 0;
    const bool one_stop = text[at] == '.' && is_space(text[at + 1]);
    return one_stop && is_abbreviation(word_before(text, from, at)) ? 0 : end;
}

bool may_stop(char byte) { return byte == '.' || byte == '!' || byte == '?' || is_wide(byte); }

}  // namespace

std::size_t next_end(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at < text.size(); ++at) {
        if (!may_stop(text[at])) continue;
        if (const std::size_t end = end_at(text, from, at)) return end;
        // A run of stops is looked at once; otherwise "...." would cost its square.
        if (const std::size_t behind = skip(text, at, kStops); behind > at) at = behind - 1;
    }
    return text.size();
}

}  // namespace ctxpack::text
