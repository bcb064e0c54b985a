// Lines that report errors.
#pragma once

#include <string_view>

namespace ctxpack::lines {

// Whether a line has a word that reports of errors have, in any case. O(bytes).
bool reports(std::string_view line);

}  // namespace ctxpack::lines
