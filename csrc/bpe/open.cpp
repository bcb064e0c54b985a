#include "bpe/open.hpp"

#include "split/cursor.hpp"
#include "unicode/characters.hpp"

namespace ctxpack::bpe {

// Blanks, and the characters that no alternative of DeepSeek's pattern takes but as the prefix of a word.
static constexpr split::ClassSet kOpen = split::kBlanks | split::set_of(split::Class::other);

bool is_open(std::string_view text) {
    const Bytes end = bytes(text) + text.size();
    return split::skip(bytes(text), end, kOpen) == end;
}

std::size_t trailing_open(std::string_view text) {
    std::size_t start = text.size();
    while (start > 0) {
        const std::size_t before = unicode::floor_boundary(text, start - 1);
        if (!in(split::look(bytes(text) + before, bytes(text) + start).is, kOpen)) break;
        start = before;
    }
    return start;
}

}  // namespace ctxpack::bpe
