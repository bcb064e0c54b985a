#include "lines/list.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <stdexcept>

#include "lines/hash.hpp"
#include "lines/words.hpp"

namespace ctxpack::lines {
namespace {

constexpr std::size_t kMostDigits = 7;
// Share of the lines that must carry a number one above the last.
constexpr double kMost = 0.8;

// Calls with each line of a text, its newline included.
template <typename Visit>
void each_line(std::string_view text, Visit visit) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) throw std::invalid_argument("a text has 4 GB at most");
    while (!text.empty()) {
        const auto newline = text.find('\n');
        const std::string_view line = text.substr(0, newline == text.npos ? text.size() : newline + 1);
        visit(line);
        text.remove_prefix(line.size());
    }
}

// Bytes of what stands behind a printed number, 0 where that is something else.
std::size_t mark_size(std::string_view rest) {
    if (rest.starts_with("\u2192")) return std::string_view("\u2192").size();
    if (rest.starts_with('\t')) return 1;
    if (!rest.starts_with(':') && !rest.starts_with('|')) return 0;
    return rest.substr(1).starts_with(' ') ? 2 : 1;
}

bool are_numbered(std::span<const Gutter> gutters) {
    std::size_t printed = 0, rising = 0;
    std::uint32_t last = 0;
    for (const Gutter& gutter : gutters) {
        if (!gutter.size) continue;
        rising += printed++ && last + 1 == gutter.number;
        last = gutter.number;
    }
    return printed && static_cast<double>(rising + 1) >= kMost * static_cast<double>(gutters.size());
}

std::uint32_t characters(std::string_view text) {
    return static_cast<std::uint32_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

// Of this process: whoever writes a line cannot know what others it would be taken for.
const Key& process_key() {
    static const Key key = [] {
        std::random_device draw;
        const auto word = [&draw] { return static_cast<std::uint64_t>(draw()) << 32 | draw(); };
        return Key{word(), word()};
    }();
    return key;
}

std::uint64_t hash_of(std::string_view content) {
    while (content.ends_with('\n') || content.ends_with('\r')) content.remove_suffix(1);
    return SipHash(process_key()).of(content);
}

// One gutter for each line.
List listed(std::string_view text, std::span<const Gutter> gutters) {
    List found;
    found.reserve(gutters.size());
    std::uint32_t start = 0;
    each_line(text, [&](std::string_view line) {
        const Gutter& gutter = gutters[found.size()];
        const std::uint32_t stop = start + characters(line);
        found.push_back({start, stop, gutter.number, hash_of(line.substr(gutter.size))});
        start = stop;
    });
    return found;
}

}  // namespace

Gutter gutter_of(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    const std::size_t first = at;
    std::uint32_t number = 0;
    while (at < line.size() && at - first < kMostDigits && is_digit(line[at])) {
        number = number * 10 + static_cast<std::uint32_t>(line[at++] - '0');
    }
    const std::size_t mark = at > first ? mark_size(line.substr(at)) : 0;
    return mark ? Gutter{number, static_cast<std::uint32_t>(at + mark)} : Gutter{0, 0};
}

List list(std::string_view text) {
    std::vector<Gutter> gutters;
    each_line(text, [&](std::string_view line) { gutters.push_back(gutter_of(line)); });
    const bool numbered = are_numbered(gutters);
    for (std::size_t at = 0; at < gutters.size(); ++at) {
        if (!numbered || !gutters[at].size) gutters[at] = {static_cast<std::uint32_t>(at + 1), 0};
    }
    return listed(text, gutters);
}

List list(std::string_view text, std::span<const Gutter> gutters) {
    std::size_t at = 0;
    each_line(text, [&](std::string_view line) {
        if (at < gutters.size() && gutters[at].size > line.size()) {
            throw std::invalid_argument("a number is longer than its line");
        }
        ++at;
    });
    if (at != gutters.size()) throw std::invalid_argument("there is not one number for each line");
    return listed(text, gutters);
}

}  // namespace ctxpack::lines
