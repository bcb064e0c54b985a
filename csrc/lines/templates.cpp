#include "lines/templates.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace ctxpack::lines {
namespace {

// Fewer lines are read faster as they are.
constexpr std::size_t kFewestLines = 16;
// Lines that a template must have, and the share of them that must differ in numbers: what does not is code or a list.
constexpr std::size_t kFewest = 4;
constexpr double kNumbered = 0.5;
// Share of the lines that must report errors for these to be no news.
constexpr double kManyReports = 0.25;
// Share of the lines that must have a template, and most templates.
constexpr double kLeastCovered = 0.75;
constexpr std::size_t kMostTemplates = 26;
// Templates of one shape that a line is compared with, and the share of its words that must be the same.
constexpr std::size_t kMostCompared = 8;
constexpr double kAlike = 0.6;
// Lines after which a text with too many templates for them is given up.
constexpr std::size_t kSample = 64;

constexpr char kFirstName = 'A';
constexpr std::string_view kHole = "{}", kColon = ": ";
constexpr std::string_view kBetween = " \t\r[](){}<>\"'=,;|";
constexpr std::array<std::string_view, 7> kReports{"error", "fail",  "exception", "traceback",
                                                   "panic", "fatal", "assert"};

constexpr std::array<bool, 256> kIsBetween = [] {
    std::array<bool, 256> found{};
    for (const char byte : kBetween) found[static_cast<unsigned char>(byte)] = true;
    return found;
}();

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> found;
    for (std::size_t start = 0, stop = 0; stop != text.npos; start = stop + 1) {
        stop = text.find('\n', start);
        found.push_back(text.substr(start, stop == text.npos ? text.npos : stop - start));
    }
    return found;
}

bool is_between(char byte) { return kIsBetween[static_cast<unsigned char>(byte)]; }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte; }

bool has_digit(std::string_view word) { return std::any_of(word.begin(), word.end(), is_digit); }

constexpr std::array<bool, 256> kStartsReport = [] {
    std::array<bool, 256> found{};
    for (const std::string_view word : kReports) found[static_cast<unsigned char>(word[0])] = true;
    return found;
}();

bool starts_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                    [](char wanted, char byte) { return wanted == lower(byte); });
}

bool reports(std::string_view line) {
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (!kStartsReport[static_cast<unsigned char>(lower(line[at]))]) continue;
        const std::string_view rest = line.substr(at);
        if (std::any_of(kReports.begin(), kReports.end(), [rest](auto word) { return starts_with(rest, word); }))
            return true;
    }
    return false;
}

using Words = std::span<const std::string_view>;

// Appends the words of a line.
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

// Hash of what stands between the words of a line.
std::uint64_t shape_of(std::string_view line, Words words) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto mix = [&hash](const char* from, const char* to) {
        while (from < to) hash = (hash ^ static_cast<unsigned char>(*from++)) * 0x100000001b3;
        hash = (hash ^ 0x100) * 0x100000001b3;
    };
    const char* end = line.data();
    for (const std::string_view word : words) {
        mix(end, word.data());
        end = word.data() + word.size();
    }
    mix(end, line.data() + line.size());
    return hash;
}

struct Template {
    std::string_view line;                // the first one
    std::vector<std::string_view> words;  // of that line
    std::vector<bool> varies;
    std::vector<std::uint32_t> prefix;  // bytes of each varying word that all lines share and that the template keeps
    std::size_t lines = 0;
    std::size_t numbered = 0;  // lines in which a word with a digit varies
    bool is_report = false;
    char name = 0;  // 0 where it has none

    // Whether a line is another of its lines: nothing else stands between the words, and most of these are the same.
    bool takes(std::string_view other, Words others) const {
        if (words.size() != others.size()) return false;
        const char *end = line.data(), *other_end = other.data();
        for (std::size_t at = 0; at < words.size(); ++at) {
            if (std::string_view(end, words[at].data()) != std::string_view(other_end, others[at].data())) return false;
            end = words[at].data() + words[at].size();
            other_end = others[at].data() + others[at].size();
        }
        if (std::string_view(end, line.data() + line.size()) !=
            std::string_view(other_end, other.data() + other.size())) {
            return false;
        }
        std::size_t fixed = 0, same = 0;
        for (std::size_t at = 0; at < words.size(); ++at) {
            if (varies[at] || (has_digit(words[at]) && has_digit(others[at]))) continue;
            ++fixed;
            same += words[at] == others[at];
        }
        return static_cast<double>(same) >= kAlike * static_cast<double>(fixed);
    }

    void add(Words others) {
        bool is_numbered = false;
        for (std::size_t at = 0; at < words.size(); ++at) {
            if (words[at] == others[at]) continue;
            varies[at] = true;
            is_numbered |= has_digit(others[at]);
        }
        ++lines;
        numbered += is_numbered;
    }
};

// Bytes that times have in common up to one of their marks; 0 where a word is no time.
std::uint32_t common_time(std::string_view one, std::string_view other, std::uint32_t most) {
    const auto is_time = [](std::string_view word) {
        return word.find(':') != word.npos && word.find_first_not_of("0123456789:.,TZ+-/") == word.npos;
    };
    if (!is_time(one) || !is_time(other)) return 0;
    std::size_t same = 0;
    const std::size_t limit = std::min({one.size() - 1, other.size() - 1, std::size_t{most}});
    while (same < limit && one[same] == other[same]) ++same;
    while (same > 0 && is_digit(one[same - 1])) --same;
    return static_cast<std::uint32_t>(same);
}

// Whether a line starts with the name of one of so many templates.
bool is_row(std::string_view line, std::uint32_t templates) {
    return !line.empty() && line[0] >= kFirstName && line[0] < static_cast<char>(kFirstName + templates) &&
           (line.size() == 1 || line[1] == ' ');
}

class Miner {
public:
    explicit Miner(std::string_view text) : lines_(lines_of(text)) {}

    Templated mined() {
        if (lines_.size() < kFewestLines || !are_sorted() || !are_named()) return {};
        find_prefixes();
        Templated found{"", named_, static_cast<std::uint32_t>(lines_.size())};
        for (const Template& kind : templates_) {
            if (kind.name) write_template(kind, found.text);
        }
        for (std::size_t at = 0; at < lines_.size(); ++at) {
            if (!write_line(at, found.text)) return {};
            if (at + 1 < lines_.size()) found.text.push_back('\n');
        }
        return found;
    }

private:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

    // Finds each line its template; false where there are too many kinds of lines.
    bool are_sorted() {
        std::array<std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>, 2> shapes;
        for (const std::string_view line : lines_) {
            split(line, words_);
            ends_.push_back(words_.size());
            const Words words = words_in(kinds_.size());
            kinds_.push_back(kNone);
            if (words.empty() || line.find(kHole) != line.npos) continue;
            const bool is_report = reports(line);
            kinds_.back() = kind_of(line, words, is_report, shapes[is_report][shape_of(line, words)]);
            if (kinds_.size() >= kSample && templates_.size() * 2 > kinds_.size()) return false;
        }
        return true;
    }

    std::uint32_t kind_of(std::string_view line, Words words, bool is_report, std::vector<std::uint32_t>& alike) {
        for (std::size_t tried = 0; tried < std::min(alike.size(), kMostCompared); ++tried) {
            Template& kind = templates_[alike[tried]];
            if (!kind.takes(line, words)) continue;
            kind.add(words);
            return alike[tried];
        }
        alike.push_back(static_cast<std::uint32_t>(templates_.size()));
        templates_.push_back(
            {line, {words.begin(), words.end()}, std::vector<bool>(words.size()), {}, 1, 0, is_report});
        return alike.back();
    }

    // Gives names to templates of enough lines; false where most lines have none.
    bool are_named() {
        std::size_t covered = 0, reporting = 0;
        for (const Template& kind : templates_) reporting += kind.is_report ? kind.lines : 0;
        const bool is_news = static_cast<double>(reporting) < kManyReports * static_cast<double>(lines_.size());
        for (Template& kind : templates_) {
            const bool is_log = static_cast<double>(kind.numbered) >= kNumbered * static_cast<double>(kind.lines);
            if (kind.lines < kFewest || !is_log || (kind.is_report && is_news) || named_ == kMostTemplates) continue;
            kind.name = static_cast<char>(kFirstName + named_++);
            covered += kind.lines;
        }
        return static_cast<double>(covered) >= kLeastCovered * static_cast<double>(lines_.size());
    }

    void find_prefixes() {
        for (Template& kind : templates_) {
            for (const std::string_view word : kind.words)
                kind.prefix.push_back(static_cast<std::uint32_t>(word.size()));
        }
        for (std::size_t line = 0; line < lines_.size(); ++line) {
            if (kinds_[line] == kNone) continue;
            Template& kind = templates_[kinds_[line]];
            const Words words = words_in(line);
            for (std::size_t at = 0; at < words.size(); ++at) {
                if (kind.varies[at]) kind.prefix[at] = common_time(kind.words[at], words[at], kind.prefix[at]);
            }
        }
    }

    void write_template(const Template& kind, std::string& out) const {
        out.append(1, kind.name).append(kColon);
        const char* end = kind.line.data();
        for (std::size_t at = 0; at < kind.words.size(); ++at) {
            const std::string_view word = kind.words[at];
            out.append(end, word.data());
            if (kind.varies[at]) {
                out.append(word.substr(0, kind.prefix[at])).append(kHole);
            } else {
                out.append(word);
            }
            end = word.data() + word.size();
        }
        out.append(end, kind.line.data() + kind.line.size()).push_back('\n');
    }

    // False where a line without a template would read like one with.
    bool write_line(std::size_t line, std::string& out) const {
        const Template* kind = kinds_[line] == kNone ? nullptr : &templates_[kinds_[line]];
        if (!kind || !kind->name) {
            out.append(lines_[line]);
            return !is_row(lines_[line], named_);
        }
        out.push_back(kind->name);
        const Words words = words_in(line);
        for (std::size_t at = 0; at < words.size(); ++at) {
            if (kind->varies[at]) out.append(" ").append(words[at].substr(kind->prefix[at]));
        }
        return true;
    }

    // Those of one line, until the next is split.
    Words words_in(std::size_t line) const {
        const std::size_t start = line ? ends_[line - 1] : 0;
        return Words(words_).subspan(start, ends_[line] - start);
    }

    std::vector<std::string_view> lines_;
    std::vector<std::string_view> words_;  // of all lines
    std::vector<std::size_t> ends_;        // of each line's words
    std::vector<std::uint32_t> kinds_;     // each line's template
    std::vector<Template> templates_;
    std::uint32_t named_ = 0;
};

}  // namespace

Templated templated(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a text has 4 GB at most");
    return Miner(text).mined();
}

}  // namespace ctxpack::lines
