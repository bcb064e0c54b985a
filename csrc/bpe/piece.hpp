// Pretokens as hash table keys. A short one (1 to 14 bytes) is its own key: 16 bytes that hold text and length, so that
// comparing is two words and four slots share a cache line.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "bpe/types.hpp"

namespace ctxpack::bpe {

static_assert(std::endian::native == std::endian::little, "keys are masked as little-endian words");

inline constexpr std::size_t kShort = 14;

// Bytes 0..13: the text, zero-filled. Byte 14: its length, never zero. Byte 15: zero.
struct PieceKey {
    std::uint64_t low;
    std::uint64_t high;
};

// What short_key keeps of 16 bytes, and what it adds, by size. The last entry is for every longer piece: a key that no
// short piece has, so that looking it up finds nothing.
struct KeyMask {
    PieceKey keep;
    std::uint64_t size;
};

inline constexpr auto kKeyMasks = [] {
    const auto low_bytes = [](std::size_t n) { return n >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * n) - 1; };
    std::array<KeyMask, kShort + 2> masks{};
    for (std::size_t n = 0; n <= kShort; ++n) masks[n] = {{low_bytes(n), low_bytes(n > 8 ? n - 8 : 0)}, n << 48};
    masks[kShort + 1] = {{0, 0}, (kShort + 1) << 48};
    return masks;
}();

// Key of the `size` bytes at `p`, where 16 may be read.
inline PieceKey roomy_key(Bytes p, std::size_t size) {
    const KeyMask& mask = kKeyMasks[std::min(size, kShort + 1)];
    PieceKey key;
    std::memcpy(&key, p, sizeof key);
    return {key.low & mask.keep.low, (key.high & mask.keep.high) | mask.size};
}

// Key of the `size` bytes at `p`; reads up to 16 bytes where the text, which ends at `end`, has them.
inline PieceKey short_key(Bytes p, std::size_t size, Bytes end) {
    if (end - p >= 16) return roomy_key(p, size);
    std::uint8_t copy[16] = {};
    std::memcpy(copy, p, std::min(size, sizeof copy));
    return roomy_key(copy, size);
}

inline constexpr std::uint64_t kMix1 = 0x9E3779B97F4A7C15;
inline constexpr std::uint64_t kMix2 = 0xD6E8FEB86659FD93;

inline std::uint64_t mix(std::uint64_t value) {
    value *= kMix1;
    value ^= value >> 32;
    return value * kMix2;
}

// Tables index with the top bits.
inline std::uint64_t hash_of(PieceKey key) { return mix(key.low ^ key.high * kMix2); }

// Hash of a piece longer than kShort: every byte counts, eight at a time.
inline std::uint64_t hash_of(Bytes p, std::size_t size) {
    std::uint64_t hash = size;
    std::uint64_t word;
    for (; size > 8; p += 8, size -= 8) {
        std::memcpy(&word, p, 8);
        hash = std::rotl((hash ^ word) * kMix2, 29);
    }
    word = 0;
    std::memcpy(&word, p, size);
    return mix(hash ^ word);
}

inline void prefetch(const void* address) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(address);
#else
    (void)address;
#endif
}

}  // namespace ctxpack::bpe
