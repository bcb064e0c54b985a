// Pretokens and words as hash table keys: text and length in one block of words, so that comparing has no loop and no
// branch.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "encoding/types.hpp"

namespace ctxpack {

static_assert(std::endian::native == std::endian::little, "keys are masked as little-endian words");

// The text, zero-filled, then its length in the last byte but one, never zero, then a zero.
template <std::size_t Width>
struct TextKey {
    static constexpr std::size_t kLongest = Width - 2;
    static constexpr std::size_t kWords = Width / 8;

    std::uint64_t words[kWords];
};

// The narrowest key, for most pretokens of most texts.
using ShortKey = TextKey<16>;
inline constexpr std::size_t kShort = ShortKey::kLongest;

// Starts and ends of the texts that keys are made of are read that many at once, also past the last.
inline constexpr std::size_t kTextsAtOnce = 8;

// What a key keeps of `Width` bytes, by size. The last entry is for every longer text: it leaves a key that no text
// has, so that looking it up finds nothing.
template <std::size_t Width>
inline constexpr auto kKeyMasks = [] {
    std::array<TextKey<Width>, Width> masks{};
    for (std::size_t size = 0; size + 1 < Width; ++size) {
        for (std::size_t at = 0; at < size; ++at) masks[size].words[at / 8] |= std::uint64_t{0xFF} << at % 8 * 8;
    }
    return masks;
}();

// Key of the `size` bytes at `p`, where `Width` may be read.
template <std::size_t Width>
inline TextKey<Width> roomy_key(Bytes p, std::size_t size) {
    size = std::min(size, Width - 1);
    TextKey<Width> key;
    std::memcpy(&key, p, Width);
    for (std::size_t i = 0; i < key.kWords; ++i) key.words[i] &= kKeyMasks<Width>[size].words[i];
    key.words[key.kWords - 1] |= static_cast<std::uint64_t>(size) << 48;
    return key;
}

// Key of the `size` bytes at `p` in a text that ends at `end`.
template <std::size_t Width>
inline TextKey<Width> text_key(Bytes p, std::size_t size, Bytes end) {
    if (static_cast<std::size_t>(end - p) >= Width) return roomy_key<Width>(p, size);
    std::uint8_t copy[Width] = {};
    std::memcpy(copy, p, std::min(size, Width));
    return roomy_key<Width>(copy, size);
}

inline constexpr std::uint64_t kMix1 = 0x9E3779B97F4A7C15;
inline constexpr std::uint64_t kMix2 = 0xD6E8FEB86659FD93;

inline std::uint64_t mix(std::uint64_t value) {
    value *= kMix1;
    value ^= value >> 32;
    return value * kMix2;
}

// Tables index with the top bits, on which every bit of the key has a bearing.
template <std::size_t Width>
inline std::uint64_t hash_of(const TextKey<Width>& key) {
    std::uint64_t hash = key.words[key.kWords - 1] * kMix2;
    for (std::size_t i = 1; i + 1 < key.kWords; ++i) hash = std::rotl((hash ^ key.words[i]) * kMix1, 29);
    return (hash ^ key.words[0]) * kMix1;
}

}  // namespace ctxpack
