// Where normalised text may be cut: between two characters that stand side by side in no piece. No token reaches across
// such a place, so the words between them are segmented alone and the result is the same.
#pragma once

#include <cstring>
#include <vector>

#include "sentencepiece/pieces.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

class Splitter {
public:
    static constexpr std::size_t kBlock = 64;

    // `segments` is what tokens are made of. O(bytes).
    explicit Splitter(const Pieces::Keys& segments);

    // Bit i is set where a word starts at p[i]: `filled` bytes from `p`, at most kBlock. Reads up to kBlock bytes on
    // either side of them.
    std::uint64_t starts(Bytes p, std::size_t filled) const {
        std::uint64_t found = 0;
        for (std::size_t i = 0; i < kBlock; i += 8) {
            unsigned eight = 0;
            for (std::size_t k = 0; k < 8; ++k) eight |= static_cast<unsigned>(joined_[both(p + i + k)]) << k;
            found |= std::uint64_t{eight} << i;
        }
        found = ~found;
        if (has_non_ascii(p)) found |= starts_by_character(p, found);
        return filled < kBlock ? found & ((std::uint64_t{1} << filled) - 1) : found;
    }

private:
    static constexpr unsigned kPairBits = 21;

    // The byte at `p` and the one before it, as an index.
    static std::size_t both(Bytes p) {
        std::uint16_t bytes;
        std::memcpy(&bytes, p - 1, sizeof bytes);
        return bytes;
    }

    static bool has_non_ascii(Bytes p) {
        std::uint64_t high = 0;
        for (std::size_t i = 0; i < kBlock; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, p - 1 + i, sizeof word);
            high |= word;
        }
        return ((high & 0x8080808080808080) != 0) | (p[kBlock - 1] >= 0x80);
    }
    static std::size_t pair(std::uint32_t left, std::uint32_t right) {
        return (left * std::uint64_t{0x9E3779B97F4A7C15} + right * std::uint64_t{0xD6E8FEB86659FD93}) >> (64 - kPairBits);
    }
    std::uint64_t starts_by_character(Bytes p, std::uint64_t starts) const;
    void join(Bytes p, Bytes end);

    // For every two bytes, 1 where they stand side by side in some piece or inside a character.
    std::vector<std::uint8_t> joined_;
    // The same for two characters that are not both ASCII, by hash: a set bit may be another pair's.
    std::vector<bool> pairs_;
};

}  // namespace ctxpack::sentencepiece
