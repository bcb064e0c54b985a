// The unit of selection: a sentence of prose, or a line of anything else.
#pragma once

#include <cstdint>
#include <string_view>

namespace ctxpack::text {

struct Unit {
    std::uint32_t begin;  // byte offsets; white space behind the unit belongs to it
    std::uint32_t end;
    std::uint32_t paragraph;
    std::uint32_t position;  // sentences before it in its paragraph, headings not counted

    std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

}  // namespace ctxpack::text
