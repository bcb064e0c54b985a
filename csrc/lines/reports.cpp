#include "lines/reports.hpp"

#include <algorithm>
#include <array>

namespace ctxpack::lines {
namespace {

constexpr std::array<std::string_view, 7> kReports{"error", "fail",  "exception", "traceback",
                                                   "panic", "fatal", "assert"};

// The bytes that one of these starts with.
constexpr std::array<bool, 256> kStartsReport = [] {
    std::array<bool, 256> found{};
    for (const std::string_view word : kReports) found[static_cast<unsigned char>(word[0])] = true;
    return found;
}();

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }

bool starts_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                    [](char wanted, char byte) { return wanted == lower(byte); });
}

}  // namespace

bool reports(std::string_view line) {
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (!kStartsReport[static_cast<unsigned char>(lower(line[at]))]) continue;
        const std::string_view rest = line.substr(at);
        if (std::any_of(kReports.begin(), kReports.end(), [rest](auto word) { return starts_with(rest, word); }))
            return true;
    }
    return false;
}

}  // namespace ctxpack::lines
