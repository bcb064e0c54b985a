// Between characters and bytes of valid UTF-8.
#pragma once

#include <string_view>
#include <vector>

#include "unicode/utf8.hpp"

namespace ctxpack::unicode {

// The character boundary at or before a byte of the text, and the one at or after it. O(1).
inline std::size_t floor_boundary(std::string_view text, std::size_t at) {
    while (at < text.size() && is_continuation(static_cast<std::uint8_t>(text[at]))) --at;
    return at;
}
inline std::size_t ceil_boundary(std::string_view text, std::size_t at) {
    while (at < text.size() && is_continuation(static_cast<std::uint8_t>(text[at]))) ++at;
    return at;
}

// Where each character of a text starts: every 64th is noted, the others are counted from there. The text must outlive
// it.
class CharacterOffsets {
public:
    CharacterOffsets() = default;
    // O(bytes).
    explicit CharacterOffsets(std::string_view text) : text_(text) {
        std::size_t characters = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (is_continuation(static_cast<std::uint8_t>(text[at]))) continue;
            if (characters++ % kStep == 0) noted_.push_back(at);
        }
    }

    // The byte where a character starts; the text's size for one past the last. O(1).
    std::size_t byte(std::size_t character) const {
        if (character / kStep >= noted_.size()) return text_.size();
        std::size_t at = noted_[character / kStep];
        for (std::size_t i = character % kStep; i > 0 && at < text_.size(); --i) at = ceil_boundary(text_, at + 1);
        return at;
    }

private:
    static constexpr std::size_t kStep = 64;

    std::string_view text_;
    std::vector<std::size_t> noted_;
};

}  // namespace ctxpack::unicode
