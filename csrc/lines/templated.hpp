// Lines of logs as templates, once, and the values that each line puts into them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ctxpack::lines {

// A text of logs in that form, and of what it is made.
struct Templated {
    std::string text;  // templates "A: ... {} ...", then for each line "A value value" or the line itself
    std::uint32_t templates = 0, lines = 0;
};

// No templates and no text where too few lines are alike. Lines that report errors stay as they are, unless a good part
// of all lines do. O(bytes). Throws std::invalid_argument from 4 GB on.
Templated templated(std::string_view text);

}  // namespace ctxpack::lines
