#include "text/segment.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

#include "text/bytes.hpp"
#include "text/lines.hpp"
#include "text/sentences.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::text {
namespace {

// A heading is no longer than this, shorter than the line below it, and no sentence.
constexpr std::size_t kLongestHeading = 120;

bool ends_with_mark(std::string_view line) {
    constexpr std::string_view kMarks = ".!?:;,'\")]";
    return is_wide(line.back()) || kMarks.find(line.back()) != kMarks.npos;
}

// Whether a line names the paragraph that begins below it.
bool is_heading(std::string_view line, std::string_view below) {
    line = trimmed(line);
    if (line.starts_with("# ") || line.starts_with("##")) return true;
    return line.size() <= kLongestHeading && line.size() < trimmed(below).size() && !ends_with_mark(line);
}

// Where to cut `text`, which is longer than kLongestUnit: in the second half of what is allowed.
std::size_t cut(std::string_view text) {
    const auto half = text.substr(kLongestUnit / 2, kLongestUnit / 2);
    for (const std::string_view marks : {"\n", ",;|", " \t"}) {
        if (const auto at = half.find_last_of(marks); at != half.npos) return kLongestUnit / 2 + at + 1;
    }
    std::size_t at = kLongestUnit;
    while (unicode::is_continuation(static_cast<std::uint8_t>(text[at]))) --at;
    return at;
}

class Segmenter {
public:
    explicit Segmenter(std::string_view text) : text_(text) {}

    // Every line is a unit; a blank line, which stays with the line above it, ends a paragraph.
    void lines() {
        while (begin_ < text_.size()) {
            const std::size_t end = end_of_line(begin_);
            const std::size_t behind = skip_blank_lines(end);
            add(behind);
            if (behind > end) new_paragraph();
        }
    }

    // Every sentence is a unit; a paragraph is a line, or what stands between blank lines where lines are wrapped.
    void sentences(bool wrapped) {
        while (begin_ < text_.size()) {
            const std::size_t end = wrapped ? end_of_block() : skip_blank_lines(end_of_line(begin_));
            const auto paragraph = text_.substr(begin_, end - begin_);
            auto behind = text_.substr(end);
            const bool heading = !behind.empty() && is_heading(paragraph, take_line(behind));
            for (std::size_t at = 0; at < paragraph.size();) {
                const std::size_t next = next_end(paragraph, at);
                add(begin_ + next - at);
                at = next;
            }
            if (heading) {
                position_ = 0;
            } else {
                new_paragraph();
            }
        }
    }

    std::vector<Unit> take() { return std::move(units_); }

private:
    // Behind the first newline that follows something else than white space.
    std::size_t end_of_line(std::size_t at) const {
        while (at < text_.size() && is_space(text_[at])) ++at;
        const auto newline = text_.find('\n', at);
        return newline == text_.npos ? text_.size() : newline + 1;
    }

    // Behind the blank lines that begin at `at`.
    std::size_t skip_blank_lines(std::size_t at) const {
        std::size_t end = at;
        for (; at < text_.size() && is_space(text_[at]); ++at) {
            if (text_[at] == '\n') end = at + 1;
        }
        return at == text_.size() ? at : end;
    }

    std::size_t end_of_block() const {
        std::size_t end = end_of_line(begin_);
        while (end < text_.size() && skip_blank_lines(end) == end) end = end_of_line(end);
        return skip_blank_lines(end);
    }

    // Adds what ends at `end`, in pieces where it is too long.
    void add(std::size_t end) {
        while (end - begin_ > kLongestUnit) add_piece(begin_ + cut(text_.substr(begin_, end - begin_)));
        if (end > begin_) add_piece(end);
    }

    void add_piece(std::size_t end) {
        const auto begin = static_cast<std::uint32_t>(begin_);
        units_.push_back({begin, static_cast<std::uint32_t>(end), paragraph_, position_++});
        begin_ = end;
    }

    void new_paragraph() {
        ++paragraph_;
        position_ = 0;
    }

    std::string_view text_;
    std::size_t begin_ = 0;
    std::uint32_t paragraph_ = 0;
    std::uint32_t position_ = 0;
    std::vector<Unit> units_;
};

}  // namespace

std::vector<Unit> segment(std::string_view text, Shape shape) {
    if (text.size() >= std::numeric_limits<std::uint32_t>::max()) throw std::invalid_argument("text of 4 GB or more");
    Segmenter segmenter(text);
    if (shape == Shape::lines) {
        segmenter.lines();
    } else {
        segmenter.sentences(is_wrapped(text));
    }
    return segmenter.take();
}

}  // namespace ctxpack::text
