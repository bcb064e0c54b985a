// What lines of one kind have in common, once, and what each of them puts into that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lines/words.hpp"

namespace ctxpack::lines {

// Where a template has something of each line. A line that has it itself has no template.
inline constexpr std::string_view kHole = "{}";

// The lines that it is made of must outlive it.
class Template {
public:
    // Of its first line.
    Template(std::string_view line, Words words, bool is_report);

    // Whether a line is another of its lines: nothing else stands between the words, and most of these are the same.
    bool takes(std::string_view other, Words others) const;
    void add(Words others);

    std::size_t lines() const { return lines_; }
    // Lines in which a word with a digit varies.
    std::size_t numbered() const { return numbered_; }
    bool is_report() const { return is_report_; }

    // Keeps what times in place of its first line's have in common with those of a line of its; for each, when all
    // lines are known.
    void keep_common(Words others);

    // Appends it, "A: ... {} ...", and a newline.
    void write(std::string& out) const;
    // Appends a line of its as "A value value".
    void write_values(Words words, std::string& out) const;

    char name = 0;  // 0 where it has none

private:
    std::string_view line_;                // the first one
    std::vector<std::string_view> words_;  // of that line
    std::vector<bool> varies_;
    std::vector<std::uint32_t> prefix_;  // bytes of each varying word that all lines share and that the template keeps
    std::size_t lines_ = 1;
    std::size_t numbered_ = 0;
    bool is_report_;
};

}  // namespace ctxpack::lines
