#include "text/names.hpp"

#include <array>
#include <limits>
#include <stdexcept>

namespace ctxpack::text {
namespace {

constexpr std::size_t kShortest = 5;
// Longer runs are data, not names, and looking for names in one takes time by the square of its length.
constexpr std::size_t kLongest = 200;

enum Class : std::uint8_t { kOther = 0, kLower = 1, kUpper = 2, kDigit = 4, kUnderscore = 8, kJoint = 16 };
constexpr std::uint8_t kWord = kLower | kUpper | kDigit | kUnderscore;

constexpr std::array<std::uint8_t, 256> kClasses = [] {
    std::array<std::uint8_t, 256> found{};
    for (int byte = 'a'; byte <= 'z'; ++byte) found[byte] = kLower;
    for (int byte = 'A'; byte <= 'Z'; ++byte) found[byte] = kUpper;
    for (int byte = '0'; byte <= '9'; ++byte) found[byte] = kDigit;
    found['_'] = kUnderscore;
    for (const char byte : std::string_view("@~./-")) found[static_cast<unsigned char>(byte)] = kJoint;
    return found;
}();

// A run of the characters that names are made of. Each reader gives the end of the name of its kind that starts at a
// place, or the place itself where there is none.
class Run {
public:
    explicit Run(std::string_view text) : text_(text) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] == '/') last_slash_ = at + 1;
            if (is(at, kWord)) words_end_ = at + 1;
        }
    }

    std::size_t name(std::size_t at) const {
        for (const auto reader : {&Run::path, &Run::joined, &Run::camel, &Run::numbered}) {
            if (const std::size_t end = (this->*reader)(at); end > at) return end;
        }
        return at;
    }

private:
    bool is(std::size_t at, std::uint8_t classes) const {
        return at < text_.size() && (kClasses[static_cast<unsigned char>(text_[at])] & classes) != 0;
    }

    std::size_t past(std::size_t at, std::uint8_t classes) const {
        while (is(at, classes)) ++at;
        return at;
    }

    // Up to the last word, over at least one slash.
    std::size_t path(std::size_t at) const {
        if (at >= last_slash_ || text_.find('/', at) + 1 >= words_end_) return at;
        return words_end_;
    }

    // Words with dots between them, or one with an underscore inside.
    std::size_t joined(std::size_t at) const {
        const std::size_t word = past(at, kWord);
        if (word == at) return at;
        std::size_t end = word;
        while (end < text_.size() && text_[end] == '.' && is(end + 1, kWord)) end = past(end + 1, kWord);
        if (end > word) return end;
        const std::size_t underscore = text_.substr(0, word - 1).rfind('_');
        return underscore != text_.npos && underscore > at ? word : at;
    }

    // lowerCamel, or UpperCamel of at least two parts.
    std::size_t camel(std::size_t at) const {
        const std::size_t first = past(at, kLower);
        std::size_t end = first, parts = first > at;
        while (is(end, kUpper) && is(end + 1, kLower | kDigit)) {
            end = past(end + 1, kLower | kDigit);
            ++parts;
        }
        return parts >= 2 ? end : at;
    }

    // A word with a digit.
    std::size_t numbered(std::size_t at) const {
        const std::size_t end = past(at, kWord);
        for (std::size_t place = at; place < end; ++place) {
            if (is(place, kDigit)) return end;
        }
        return at;
    }

    std::string_view text_;
    std::size_t last_slash_ = 0;  // behind it
    std::size_t words_end_ = 0;   // behind the last character of a word
};

void append_names(std::string_view text, std::size_t begin, std::size_t end, std::vector<Name>& found) {
    const Run run(text.substr(begin, end - begin));
    for (std::size_t at = 0; at < end - begin;) {
        const std::size_t stop = run.name(at);
        if (stop - at >= kShortest) {
            found.push_back({static_cast<std::uint32_t>(begin + at), static_cast<std::uint32_t>(begin + stop)});
        }
        at = stop > at ? stop : at + 1;
    }
}

}  // namespace

std::vector<Name> names(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) throw std::invalid_argument("a text has 4 GB at most");
    std::vector<Name> found;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && kClasses[static_cast<unsigned char>(text[end])]) ++end;
        if (end - at >= kShortest && end - at <= kLongest) append_names(text, at, end, found);
        at = end + 1;
    }
    return found;
}

}  // namespace ctxpack::text
