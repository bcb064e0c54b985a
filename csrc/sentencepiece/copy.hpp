// Copying ASCII as a normaliser's table says: each byte becomes another, and runs of spaces one space.
#pragma once

#include <array>
#include <vector>

#include "cpu/level.hpp"
#include "sentencepiece/types.hpp"

namespace ctxpack::sentencepiece {

struct CopyTable {
    static constexpr std::uint8_t kLookCloser = 0x80;
    static constexpr std::uint8_t kNone = 0xFF;  // is in no text

    // What each ASCII character becomes, if another, or nothing, follows; kLookCloser where that needs a closer look.
    std::array<std::uint8_t, 128> bytes;
    bool tidies;
    // The longest stretch of characters around "a" that stay what they are, how many more than one it has, and the one
    // in it that needs a closer look, as the beginning of user-defined symbols does.
    std::uint8_t lowest = 'a';
    std::uint8_t range = 0;
    std::uint8_t odd = kNone;

    std::uint8_t operator[](std::uint8_t byte) const { return byte < 0x80 ? bytes[byte] : kLookCloser; }
    // Sets the stretch.
    void find_stretch();
};

// Where a copy goes on, and whether further spaces are dropped there.
struct CopyEnd {
    std::uint8_t* to;
    bool after_space;
};

// Copies text up to the first character that needs a closer look or has one behind it that is not ASCII; returns where
// that is. Up to 64 bytes more are written behind what is copied.
using Copy = Bytes (*)(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied);

// The fastest one that a processor of that level can run.
Copy copy_for(cpu::Level level);

// The same for other characters.
struct WideTable {
    // Of a character below kPoints that is not ASCII: it stays what it is, or needs a closer look. Below them, the
    // ASCII character, not a space, that it becomes.
    static constexpr std::uint8_t kStays = 0x80;
    static constexpr std::uint8_t kLookCloser = 0x81;
    static constexpr std::uint32_t kPoints = 0x10000;

    // What each becomes, whatever follows; a few more bytes may be read.
    std::vector<std::uint8_t> points = std::vector<std::uint8_t>(kPoints + 3, kLookCloser);

    // Of the bytes that begin a character, without their two highest bits: whether all that begin so stay what they
    // are, and whether some rule for more than one character has them behind ASCII.
    static constexpr std::uint8_t kAllStay = 1;
    static constexpr std::uint8_t kFollows = 2;
    alignas(64) std::array<std::uint8_t, 64> leads{};
};

// Copies text, ASCII too, up to the first character that needs a closer look, or to one that the other way may copy;
// returns where that is. Up to 64 bytes more are written behind what is copied.
using CopyWide = Bytes (*)(const CopyTable& table, const WideTable& wide, Bytes p, Bytes end, CopyEnd& copied);
CopyWide copy_wide_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
CTXPACK_AT_AVX2 Bytes copy_avx2(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied);
CTXPACK_AT_AVX512 Bytes copy_avx512(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied);
CTXPACK_AT_AVX512 Bytes copy_wide_avx512(const CopyTable& table, const WideTable& wide, Bytes p, Bytes end,
                                         CopyEnd& copied);
#endif

}  // namespace ctxpack::sentencepiece
