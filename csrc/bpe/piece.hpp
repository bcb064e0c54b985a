// Pretokens as hash table keys. A short one (1 to 14 bytes) is its own key: 16 bytes that hold text and length, so that
// comparing is two words and four slots share a cache line.
#pragma once

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

inline std::uint64_t low_bytes(std::size_t n) { return n >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * n)) - 1; }

// Key of the `size` bytes at `p`; reads up to 16 bytes where the text, which ends at `end`, has them.
inline PieceKey short_key(Bytes p, std::size_t size, Bytes end) {
    PieceKey key{};
    if (end - p >= 16) [[likely]] {
        std::memcpy(&key, p, 16);
        key.low &= low_bytes(size);
        key.high &= size > 8 ? low_bytes(size - 8) : 0;
    } else {
        std::memcpy(&key, p, size);
    }
    key.high |= static_cast<std::uint64_t>(size) << 48;
    return key;
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
