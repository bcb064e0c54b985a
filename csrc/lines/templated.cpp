#include "lines/templated.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "lines/reports.hpp"
#include "lines/template.hpp"
#include "lines/words.hpp"

namespace ctxpack::lines {
namespace {

// Fewer lines are read faster as they are.
constexpr std::size_t kFewestLines = 16;
// Lines that a template must have, and the share of them that must differ in numbers: what does not is code or a list.
constexpr std::size_t kFewestOfTemplate = 4;
constexpr double kNumbered = 0.5;
// Share of the lines that must report errors for these to be no news.
constexpr double kManyReports = 0.25;
// Share of the lines that must have a template, and most templates.
constexpr double kLeastCovered = 0.75;
constexpr std::size_t kMostTemplates = 26;
// Templates of one frame that a line is compared with.
constexpr std::size_t kMostCompared = 8;
// Lines after which a text with too many templates for them is given up.
constexpr std::size_t kSample = 64;

constexpr char kFirstName = 'A';

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> found;
    for (std::size_t start = 0, stop = 0; stop != text.npos; start = stop + 1) {
        stop = text.find('\n', start);
        found.push_back(text.substr(start, stop == text.npos ? text.npos : stop - start));
    }
    return found;
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
        keep_common();
        Templated found{"", named_, static_cast<std::uint32_t>(lines_.size())};
        for (const Template& kind : templates_) {
            if (kind.name) kind.write(found.text);
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
        std::array<std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>, 2> frames;
        for (const std::string_view line : lines_) {
            split(line, words_);
            ends_.push_back(words_.size());
            const Words words = words_in(kinds_.size());
            kinds_.push_back(kNone);
            if (words.empty() || line.find(kHole) != line.npos) continue;
            const bool is_report = reports(line);
            kinds_.back() = kind_of(line, words, is_report, frames[is_report][frame_of(line, words)]);
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
        templates_.emplace_back(line, words, is_report);
        return alike.back();
    }

    // Gives names to templates of enough lines; false where most lines have none.
    bool are_named() {
        std::size_t covered = 0, reporting = 0;
        for (const Template& kind : templates_) reporting += kind.is_report() ? kind.lines() : 0;
        const bool is_news = static_cast<double>(reporting) < kManyReports * static_cast<double>(lines_.size());
        for (Template& kind : templates_) {
            const bool is_log = static_cast<double>(kind.numbered()) >= kNumbered * static_cast<double>(kind.lines());
            if (kind.lines() < kFewestOfTemplate || !is_log || (kind.is_report() && is_news) ||
                named_ == kMostTemplates)
                continue;
            kind.name = static_cast<char>(kFirstName + named_++);
            covered += kind.lines();
        }
        return static_cast<double>(covered) >= kLeastCovered * static_cast<double>(lines_.size());
    }

    void keep_common() {
        for (std::size_t line = 0; line < lines_.size(); ++line) {
            if (kinds_[line] != kNone) templates_[kinds_[line]].keep_common(words_in(line));
        }
    }

    // False where a line without a template would read like one with.
    bool write_line(std::size_t line, std::string& out) const {
        const Template* kind = kinds_[line] == kNone ? nullptr : &templates_[kinds_[line]];
        if (!kind || !kind->name) {
            out.append(lines_[line]);
            return !is_row(lines_[line], named_);
        }
        kind->write_values(words_in(line), out);
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
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) throw std::invalid_argument("a text has 4 GB at most");
    return Miner(text).mined();
}

}  // namespace ctxpack::lines
