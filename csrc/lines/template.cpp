#include "lines/template.hpp"

namespace ctxpack::lines {
namespace {

// Share of the words of two lines that must be the same.
constexpr double kAlike = 0.6;

constexpr std::string_view kColon = ": ";

}  // namespace

Template::Template(std::string_view line, Words words, bool is_report)
    : line_(line), words_(words.begin(), words.end()), varies_(words.size()), is_report_(is_report) {
    for (const std::string_view word : words_) prefix_.push_back(static_cast<std::uint32_t>(word.size()));
}

bool Template::takes(std::string_view other, Words others) const {
    if (!have_one_frame(line_, words_, other, others)) return false;
    std::size_t fixed = 0, same = 0;
    for (std::size_t at = 0; at < words_.size(); ++at) {
        if (varies_[at] || (has_digit(words_[at]) && has_digit(others[at]))) continue;
        ++fixed;
        same += words_[at] == others[at];
    }
    return static_cast<double>(same) >= kAlike * static_cast<double>(fixed);
}

void Template::add(Words others) {
    bool is_numbered = false;
    for (std::size_t at = 0; at < words_.size(); ++at) {
        if (words_[at] == others[at]) continue;
        varies_[at] = true;
        is_numbered |= has_digit(others[at]);
    }
    ++lines_;
    numbered_ += is_numbered;
}

void Template::keep_common(Words others) {
    for (std::size_t at = 0; at < words_.size(); ++at) {
        if (varies_[at]) prefix_[at] = common_time(words_[at], others[at], prefix_[at]);
    }
}

void Template::write(std::string& out) const {
    out.append(1, name).append(kColon);
    const char* end = line_.data();
    for (std::size_t at = 0; at < words_.size(); ++at) {
        const std::string_view word = words_[at];
        out.append(end, word.data());
        if (varies_[at]) {
            out.append(word.substr(0, prefix_[at])).append(kHole);
        } else {
            out.append(word);
        }
        end = word.data() + word.size();
    }
    out.append(end, line_.data() + line_.size()).push_back('\n');
}

void Template::write_values(Words words, std::string& out) const {
    out.push_back(name);
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (varies_[at]) out.append(" ").append(words[at].substr(prefix_[at]));
    }
}

}  // namespace ctxpack::lines
