// Names that later turns refer to: paths, dotted, snake and camel names, and words or numbers with digits.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace ctxpack::text {

// A name by bytes of the text: [begin, end).
struct Name {
    std::uint32_t begin, end;
};

// Every name of 5 to 200 ASCII characters, in order, also more than once. O(bytes). Throws std::invalid_argument from 4
// GB on.
std::vector<Name> names(std::string_view text);

}  // namespace ctxpack::text
