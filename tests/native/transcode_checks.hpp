// Every transcoder that this processor can run beside an obvious one. Past the end of the characters nothing can be
// read; UTF-8 lies in a buffer of its exact size, so that a sanitizer sees what is written past that.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guarded.hpp"
#include "unicode/transcode.hpp"

namespace ctxpack::tests {

// Nothing where a character is a surrogate.
template <class Unit>
std::optional<std::string> expected_utf8(const std::vector<Unit>& characters) {
    std::string utf8;
    for (const std::uint32_t point : characters) {
        if (point >= 0xD800 && point <= 0xDFFF) return std::nullopt;
        std::string bytes;
        if (point < 0x80) {
            bytes = {static_cast<char>(point)};
        } else if (point < 0x800) {
            bytes = {static_cast<char>(0xC0 + point / 64), static_cast<char>(0x80 + point % 64)};
        } else if (point < 0x10000) {
            bytes = {static_cast<char>(0xE0 + point / 4096), static_cast<char>(0x80 + point / 64 % 64),
                     static_cast<char>(0x80 + point % 64)};
        } else {
            bytes = {static_cast<char>(0xF0 + point / 262144), static_cast<char>(0x80 + point / 4096 % 64),
                     static_cast<char>(0x80 + point / 64 % 64), static_cast<char>(0x80 + point % 64)};
        }
        utf8 += bytes;
    }
    return utf8;
}

template <class Unit>
std::optional<std::string> transcoded(cpu::Level level, const std::vector<Unit>& characters) {
    static Guarded guarded;
    const Unit* const copy = guarded.copy(std::span(characters));
    const std::size_t room = (sizeof(Unit) == 4 ? 4 : sizeof(Unit) + 1) * characters.size() + unicode::kSpareBytes;
    const auto utf8 = std::make_unique<std::uint8_t[]>(room);
    const std::uint8_t* const end = unicode::transcode_for<Unit>(level)(copy, copy + characters.size(), utf8.get());
    if (end == nullptr) return std::nullopt;
    return std::string(utf8.get(), utf8.get() + (end - utf8.get()));
}

// Ends the program where one of them differs.
template <class Unit>
void compare_transcoders(const std::vector<Unit>& characters) {
    const std::optional<std::string> expected = expected_utf8(characters);
    for (const cpu::Level level : {cpu::Level::portable, cpu::Level::avx2, cpu::Level::avx512, cpu::Level::neon}) {
        if (!cpu::can_run(level) || transcoded(level, characters) == expected) continue;
        std::printf("level %d differs on %zu characters:", static_cast<int>(level), characters.size());
        for (std::size_t i = 0; i < std::min<std::size_t>(characters.size(), 200); ++i) {
            std::printf(" %x", static_cast<unsigned>(characters[i]));
        }
        std::printf("\n");
        std::abort();
    }
}

}  // namespace ctxpack::tests
