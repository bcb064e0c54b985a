#include "lines/words.hpp"

#include <array>

namespace ctxpack::lines {
namespace {

constexpr std::string_view kBetween = " \t\r[](){}<>\"'=,;|";

constexpr std::array<bool, 256> kIsBetween = [] {
    std::array<bool, 256> found{};
    for (const char byte : kBetween) found[static_cast<unsigned char>(byte)] = true;
    return found;
}();

bool is_between(char byte) { return kIsBetween[static_cast<unsigned char>(byte)]; }

bool is_time(std::string_view word) {
    return word.find(':') != word.npos && word.find_first_not_of("0123456789:.,TZ+-/") == word.npos;
}

// Calls with each gap between the words of a line, that before the first and that behind the last included.
template <class Visit>
void each_between(std::string_view line, Words words, Visit visit) {
    const char* end = line.data();
    for (const std::string_view word : words) {
        visit(std::string_view(end, word.data()));
        end = word.data() + word.size();
    }
    visit(std::string_view(end, line.data() + line.size()));
}

}  // namespace

void split(std::string_view line, std::vector<std::string_view>& found) {
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t start = at;
        while (at < line.size() && !is_between(line[at])) ++at;
        std::size_t stop = at;
        while (stop > start && line[stop - 1] == ':') --stop;
        if (stop > start) found.push_back(line.substr(start, stop - start));
        while (at < line.size() && is_between(line[at])) ++at;
    }
}

// FNV-1a, with a mark behind each gap that no byte is.
std::uint64_t frame_of(std::string_view line, Words words) {
    std::uint64_t hash = 0xcbf29ce484222325;
    each_between(line, words, [&hash](std::string_view between) {
        for (const char byte : between) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
        hash = (hash ^ 0x100) * 0x100000001b3;
    });
    return hash;
}

bool have_one_frame(std::string_view line, Words words, std::string_view other, Words others) {
    if (words.size() != others.size()) return false;
    const char *end = line.data(), *other_end = other.data();
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (std::string_view(end, words[at].data()) != std::string_view(other_end, others[at].data())) return false;
        end = words[at].data() + words[at].size();
        other_end = others[at].data() + others[at].size();
    }
    return std::string_view(end, line.data() + line.size()) == std::string_view(other_end, other.data() + other.size());
}

std::uint32_t common_time(std::string_view one, std::string_view other, std::uint32_t most) {
    if (!is_time(one) || !is_time(other)) return 0;
    std::size_t same = 0;
    const std::size_t limit = std::min({one.size() - 1, other.size() - 1, std::size_t{most}});
    while (same < limit && one[same] == other[same]) ++same;
    while (same > 0 && is_digit(one[same - 1])) --same;
    return static_cast<std::uint32_t>(same);
}

}  // namespace ctxpack::lines
