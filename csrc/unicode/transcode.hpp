// UTF-8 of characters that are numbers of one, two or four bytes each, as Python keeps them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "cpu/level.hpp"

namespace ctxpack::unicode {

// Bytes past the UTF-8 that may be written, too.
inline constexpr std::size_t kSpareBytes = 64;

// Writes the UTF-8 of the characters in [p, end), which are code points; returns its end, or null where one of them is
// a surrogate. `to` has room for the UTF-8 and kSpareBytes. Unit is std::uint8_t, std::uint16_t or std::uint32_t.
// O(characters).
template <class Unit>
using Transcode = std::uint8_t* (*)(const Unit* p, const Unit* end, std::uint8_t* to);

// The fastest one that a processor of that level can run.
template <class Unit>
Transcode<Unit> transcode_for(cpu::Level level);

// The UTF-8 of a text, in memory of its own.
class Transcoded {
public:
    Transcoded() = default;
    // Of `size` characters of `width` bytes each: 1, 2 or 4. Throws std::bad_alloc. O(characters).
    Transcoded(const void* characters, std::size_t size, unsigned width);

    // Whether no character is a surrogate. Else there is no text.
    bool is_valid() const { return end_ != nullptr; }
    std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes_.get()), static_cast<std::size_t>(end_ - bytes_.get())};
    }

private:
    template <class Unit>
    void assign(const void* characters, std::size_t size);

    std::unique_ptr<std::uint8_t[]> bytes_;
    std::uint8_t* end_ = nullptr;
};

template <class Unit>
std::uint8_t* transcode_portable(const Unit* p, const Unit* end, std::uint8_t* to);
#if defined(CTXPACK_X86_VECTORS)
template <class Unit>
CTXPACK_AT_AVX2 std::uint8_t* transcode_avx2(const Unit* p, const Unit* end, std::uint8_t* to);
template <class Unit>
CTXPACK_AT_AVX512 std::uint8_t* transcode_avx512(const Unit* p, const Unit* end, std::uint8_t* to);
#endif

}  // namespace ctxpack::unicode
