// What the quick check for NFC knows of each character.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/level.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::unicode {

// For each code point its kind:
//   0            plain
//   1 to 62      a mark; the rank of its combining class among all there are
//   64 to 126    such a mark, or one of class 0, that joins some characters of class 0; less 64 the same rank
//   127          not in NFC by itself, or not known
// in a two-stage table (nfc_table.inc is generated), of which each block has two pages of 64 code points.
inline constexpr unsigned kNfcBlockBits = 7, kNfcPageSize = 64;
extern const std::uint8_t kNfcBlockOf[0x110000 >> kNfcBlockBits];
extern const std::uint8_t kNfcBlocks[][1 << kNfcBlockBits];

inline constexpr unsigned kClassMask = 63, kJoining = 64, kDoubtful = 127;

inline const std::uint8_t* kind_at(std::uint32_t point) {
    return &kNfcBlocks[kNfcBlockOf[point >> kNfcBlockBits]][point & ((1u << kNfcBlockBits) - 1)];
}

inline unsigned kind_of(Bytes p) { return *kind_at(decode(p).point); }

// Whether a mark that may join others joins the character of class 0 at `starter`, which may be null.
bool joins(Bytes starter, Bytes mark);

// What stands before a place of a text.
struct Before {
    Bytes starter = nullptr;  // the last character of combining class 0, or null
    unsigned rank = 0;        // of the last character's class
};

// Goes over windows of text of which all characters stay as they are after what is before them, up to one of which some
// may not, or to where less than a window is left.
inline constexpr std::ptrdiff_t kNfcWindow = 64;
#if defined(CTXPACK_X86_VECTORS)
CTXPACK_AT_AVX512 Bytes skip_settled_avx512(Bytes p, Bytes end, Before& before);
#endif

}  // namespace ctxpack::unicode
