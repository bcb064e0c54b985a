#include "lines/reports.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ctxpack::lines {
namespace {

constexpr std::array<std::string_view, 10> kReports{"error", "fail",   "exception", "traceback", "panic",
                                                    "fatal", "assert", "denied",    "not found", "no such file"};
// In front of one of these, it says that there is none of it.
constexpr std::array<std::string_view, 3> kNone{"0", "no", "without"};
// In front of a number that is not 0.
constexpr std::array<std::string_view, 2> kExits{"exit code", "exit status"};

// Letters of any case are one bit; what a bit is shared with is told apart later.
constexpr std::uint32_t bit_of(char byte) { return std::uint32_t{1} << (byte & 0x1f); }

// By the first byte of a report, those that it goes on with.
constexpr std::array<std::uint32_t, 32> kSeconds = [] {
    std::array<std::uint32_t, 32> found{};
    for (const std::string_view word : kReports) found[word[0] & 0x1f] |= bit_of(word[1]);
    for (const std::string_view word : kExits) found[word[0] & 0x1f] |= bit_of(word[1]);
    return found;
}();

bool may_report(char first, char second) { return kSeconds[first & 0x1f] & bit_of(second); }

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }

bool is_alnum(char byte) { return (byte >= '0' && byte <= '9') || (lower(byte) >= 'a' && lower(byte) <= 'z'); }

bool starts_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                    [](char wanted, char byte) { return wanted == lower(byte); });
}

// Whether a text ends in a whole word: "0 " is none, "10 " and "2.0 " are some.
bool ends_with(std::string_view text, std::string_view word) {
    if (text.size() < word.size() || !starts_with(text.substr(text.size() - word.size()), word)) return false;
    if (text.size() == word.size()) return true;
    const char before = text[text.size() - word.size() - 1];
    return !is_alnum(before) && before != '.' && before != ',';
}

bool is_none(std::string_view before) {
    if (!before.ends_with(' ')) return false;
    before.remove_suffix(1);
    return std::any_of(kNone.begin(), kNone.end(), [before](auto word) { return ends_with(before, word); });
}

bool is_failed_exit(std::string_view text) {
    for (const std::string_view word : kExits) {
        if (!starts_with(text, word)) continue;
        text.remove_prefix(word.size());
        if (text.starts_with(':')) text.remove_prefix(1);
        const std::size_t digit = text.find_first_not_of(' ');
        return digit != text.npos && text[digit] >= '1' && text[digit] <= '9';
    }
    return false;
}

}  // namespace

bool reports(std::string_view line) {
    for (std::size_t at = 0; at + 1 < line.size(); ++at) {
        if (!may_report(line[at], line[at + 1])) continue;
        const std::string_view rest = line.substr(at);
        if (is_failed_exit(rest)) return true;
        if (std::any_of(kReports.begin(), kReports.end(), [rest](auto word) { return starts_with(rest, word); }) &&
            !is_none(line.substr(0, at)))
            return true;
    }
    return false;
}

}  // namespace ctxpack::lines
