// Copying text as a normalizer's tables say: a character stays or becomes another, and runs of spaces one space.
#pragma once

#include <array>
#include <vector>

#include "cpu/level.hpp"
#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

struct CopyTable {
    static constexpr std::uint8_t kLookCloser = 0x80;
    static constexpr std::uint8_t kNone = 0xFF;  // is in no text

    // What each ASCII character becomes, if another, or nothing, follows; kLookCloser where that needs a closer look.
    std::array<std::uint8_t, 128> bytes;
    bool tidies;
    // The longest range of characters around "a" that stay what they are: its lowest, and how many come after that.
    // One of them may still need a closer look, because user-defined pieces begin with it: `odd`.
    std::uint8_t lowest = 'a';
    std::uint8_t range = 0;
    std::uint8_t odd = kNone;

    std::uint8_t operator[](std::uint8_t byte) const { return byte < 0x80 ? bytes[byte] : kLookCloser; }
    // Sets the longest range.
    void find_range();
};

// Where a copy goes on, and whether further spaces are dropped there.
struct CopyEnd {
    std::uint8_t* to;
    bool after_space;
};

// Copies text up to the first character that needs a closer look or has one after it that is not ASCII; returns where
// that is. Up to 64 bytes more are written after what is copied.
using Copy = Bytes (*)(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied);

// The fastest one that a processor of that level can run.
Copy copy_for(cpu::Level level);

// What becomes of other characters.
struct NonAsciiTable {
    // What becomes of a character below kPoints that is not ASCII: it stays, needs a closer look, or stays unless one
    // that joins follows. Any lower number is the ASCII character that it becomes, whatever follows, never a space.
    static constexpr std::uint8_t kStays = 0x80;
    static constexpr std::uint8_t kLookCloser = kStays | 1;
    static constexpr std::uint8_t kStaysUnjoined = kStays | 2;
    // Another bit of those: the character joins, which is to say that some rule has it after one that is not ASCII.
    static constexpr std::uint8_t kJoins = 4;
    static constexpr std::uint32_t kPoints = 0x10000;

    // A few more bytes may be read.
    std::vector<std::uint8_t> points = std::vector<std::uint8_t>(kPoints + 3, kLookCloser);

    // Flags of each lead byte, by its lower six bits: whether all characters that begin with it stay what they are and
    // do not join, whether some rule for several characters has it after an ASCII one, and whether some of them join.
    static constexpr std::uint8_t kAllStay = 1;
    static constexpr std::uint8_t kFollows = 2;
    static constexpr std::uint8_t kSomeJoin = 4;
    alignas(64) std::array<std::uint8_t, 64> leads{};

    // Whether a byte is a lead byte with that flag.
    bool has(std::uint8_t flag, std::uint8_t byte) const { return byte >= 0xC0 && (leads[byte & 0x3F] & flag) != 0; }
};

// Copies text, ASCII too, up to the first character that needs a closer look, or to one that Copy may go on with;
// returns where that is. Up to 64 bytes more are written after what is copied.
using CopyNonAscii = Bytes (*)(const CopyTable& table, const NonAsciiTable& non_ascii, Bytes p, Bytes end,
                               CopyEnd& copied);
CopyNonAscii copy_non_ascii_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
CTXPACK_AT_AVX2 Bytes copy_avx2(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied);
CTXPACK_AT_AVX512 Bytes copy_avx512(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied);
CTXPACK_AT_AVX512 Bytes copy_non_ascii_avx512(const CopyTable& table, const NonAsciiTable& non_ascii, Bytes p,
                                              Bytes end, CopyEnd& copied);
#endif

}  // namespace ctxpack::sentencepiece
