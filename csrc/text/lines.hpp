// Lines of a text, and the white space around them.
#pragma once

#include <string_view>

#include "text/bytes.hpp"

namespace ctxpack::text {

inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// Takes the next line, its newline included, off the front of `rest`, which must not be empty.
inline std::string_view take_line(std::string_view& rest) {
    const auto newline = rest.find('\n');
    const auto line = rest.substr(0, newline == rest.npos ? rest.size() : newline + 1);
    rest.remove_prefix(line.size());
    return line;
}

}  // namespace ctxpack::text
