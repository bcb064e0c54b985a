// Cuts a text into units that cover it without gaps, white space in front of the first one included.
#pragma once

#include <string_view>
#include <vector>

#include "text/shape.hpp"
#include "text/unit.hpp"

namespace ctxpack::text {

// Units of more bytes than this are cut at clause marks, else at spaces, else between characters.
inline constexpr std::size_t kLongestUnit = 600;

// O(bytes). The text must be valid UTF-8 of less than 4 GB; throws std::invalid_argument.
std::vector<Unit> segment(std::string_view text, Shape shape);

}  // namespace ctxpack::text
