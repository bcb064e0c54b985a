// Lines that report errors.
#pragma once

#include <string_view>

namespace ctxpack::lines {

// Whether a line says that something went wrong: it has a word that reports of errors have, in any case, other than
// after "0", "no" or "without", or an exit code that is not 0. O(bytes).
bool reports(std::string_view line);

}  // namespace ctxpack::lines
