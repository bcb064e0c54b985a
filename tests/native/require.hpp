// How a program that checks the core says what does not hold.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace ctxpack::tests {

// Says what, and on which text if on one, and aborts: a fuzzer keeps the input then.
[[noreturn]] inline void fail(const std::string& what, std::string_view text = {}) {
    std::fprintf(stderr, "%s", what.c_str());
    if (!text.empty()) std::fprintf(stderr, " on %zu bytes:", text.size());
    for (const char byte : text.substr(0, 500)) std::fprintf(stderr, " %02x", static_cast<unsigned char>(byte));
    std::fprintf(stderr, "\n");
    std::abort();
}

inline void require(bool holds, const char* what, std::string_view text = {}) {
    if (!holds) fail(what, text);
}

}  // namespace ctxpack::tests
