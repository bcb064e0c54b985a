#include "text/shape.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "text/bytes.hpp"
#include "text/distinct.hpp"
#include "text/lines.hpp"
#include "text/sentences.hpp"

namespace ctxpack::text {
namespace {

constexpr std::size_t kSample = 1 << 20;  // bytes
// Prose has fewer signs than this share of its bytes, and more than this share in lines that end a sentence.
constexpr double kSigns = 0.10;
constexpr double kSentenceLines = 0.5;
// A wrapped line is at least this long; among wrapped lines this share goes on in lower case in the next.
constexpr std::size_t kWrapped = 40;
constexpr double kGoingOn = 0.3;
// A speaker's name is no longer than this; this share of the lines has one; each has this many lines on average.
constexpr std::size_t kLongestName = 40;
constexpr double kNamed = 0.8;
constexpr std::size_t kTurns = 3;
// In listings, reports of compilers and logs so many lines begin, by so many bytes, as one of the few above them does.
constexpr double kAlike = 0.65;
constexpr std::size_t kBeginning = 8;
constexpr std::size_t kAbove = 3;

// What code, logs and tables are full of: signs whole, digits by a quarter, since prose has years and amounts too.
double sign_weight(char byte) {
    if (is_wide(byte) || is_ascii_letter(byte) || is_space(byte)) return 0;
    if (is_ascii_digit(byte)) return 0.25;
    constexpr std::string_view kProse = ".,'\"?!-`";
    return kProse.find(byte) == kProse.npos ? 1 : 0;
}

bool is_lower(char byte) { return byte >= 'a' && byte <= 'z'; }

// Whether a trimmed line ends as a sentence does, closing quotes and brackets aside.
bool ends_sentence(std::string_view line) {
    constexpr std::string_view kStops = ".!?";
    const auto last = line.find_last_not_of("\"')]");
    return last != line.npos && (is_wide(line[last]) || kStops.find(line[last]) != kStops.npos);
}

// Bytes of a line in sentences that end in it.
std::size_t sentence_bytes(std::string_view line) {
    if (line.empty() || ends_sentence(line)) return line.size();
    std::size_t last = 0;
    for (std::size_t at = next_end(line, 0); at < line.size(); at = next_end(line, at)) last = at;
    return last;
}

double sentence_share(std::string_view text) {
    std::size_t within = 0;
    std::size_t all = 0;
    while (!text.empty()) {
        const auto line = trimmed(take_line(text));
        all += line.size();
        within += sentence_bytes(line);
    }
    return static_cast<double>(within) / static_cast<double>(std::max<std::size_t>(all, 1));
}

// Whether what stands in front of a colon is the name of a file, as in results of a search, and not of a speaker.
bool names_file(std::string_view name) {
    const bool is_word = name.find(' ') == name.npos;
    return name.find('/') != name.npos || (is_word && name.find('.') != name.npos);
}

// Whether lines begin alike, as those of wrapped prose and the sentences of a text hardly ever do.
bool is_listing(std::string_view text) {
    std::array<std::string_view, kAbove> above;
    std::size_t lines = 0;
    std::size_t alike = 0;
    while (!text.empty()) {
        const auto beginning = trimmed(take_line(text)).substr(0, kBeginning);
        if (beginning.empty()) continue;
        alike += std::ranges::count(above, beginning) > 0;
        above[lines++ % kAbove] = beginning;
    }
    return lines > kAbove && static_cast<double>(alike) >= kAlike * static_cast<double>(lines);
}

}  // namespace

Shape shape_of(std::string_view text) {
    text = text.substr(0, kSample);
    double signs = 0;
    for (const char byte : text) signs += sign_weight(byte);
    if (signs > kSigns * static_cast<double>(text.size())) return Shape::lines;
    if (is_conversation(text)) return Shape::prose;
    const bool sentences = sentence_share(text) > kSentenceLines || is_wrapped(text);
    return sentences && !is_listing(text) ? Shape::prose : Shape::lines;
}

bool is_wrapped(std::string_view text) {
    text = text.substr(0, kSample);
    std::size_t pairs = 0;
    std::size_t going_on = 0;
    std::size_t last = 0;  // bytes of the line before
    while (!text.empty()) {
        const auto line = take_line(text);
        const auto content = trimmed(line);
        if (!content.empty() && last >= kWrapped) {
            ++pairs;
            going_on += is_lower(line.front());
        }
        last = content.size();
    }
    return pairs > 0 && static_cast<double>(going_on) >= kGoingOn * static_cast<double>(pairs);
}

bool is_conversation(std::string_view text) {
    text = text.substr(0, kSample);
    std::size_t lines = 0;
    std::vector<std::string_view> names;
    while (!text.empty()) {
        const auto line = trimmed(take_line(text));
        lines += !line.empty();
        const auto colon = line.substr(0, kLongestName).find(':');
        if (colon != line.npos && !names_file(line.substr(0, colon))) names.push_back(line.substr(0, colon));
    }
    const std::size_t named = names.size();
    if (named == 0 || static_cast<double>(named) < kNamed * static_cast<double>(lines)) return false;
    return named >= kTurns * distinct(std::move(names)).size();
}

}  // namespace ctxpack::text
