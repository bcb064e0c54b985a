// Tokens of few bytes that were met lately: a table that fits the fast caches of a processor, to be asked before the
// one of all tokens, which does not.
#pragma once

#include <vector>

#include "bpe/piece.hpp"

namespace ctxpack::bpe {

// A key is the text, zero-filled, with its length in the last byte; 0 is no key. Each has one slot, which holds the
// last of those that share it.
class RecentTokens {
public:
    static constexpr std::size_t kLongest = 7;  // bytes

    // Key of the `size` bytes at `p`, where 8 may be read. All that are too long have one key, which no slot holds.
    static std::uint64_t key(Bytes p, std::size_t size) {
        const Part& part = kParts[std::min(size, kLongest + 1)];
        std::uint64_t text;
        std::memcpy(&text, p, sizeof text);
        return (text & part.text) | part.length;
    }
    std::size_t slot(std::uint64_t key) const { return key * kMix1 >> (64 - kBits); }
    bool holds(std::size_t slot, std::uint64_t key) const { return keys_[slot] == key; }
    TokenId id(std::size_t slot) const { return ids_[slot]; }

    // Remembers a token, if it is one and short enough. Without a branch, which compilers make of ?: here: all else goes
    // to a slot that is never read.
    void note(bool is_token, const ShortKey& piece, TokenId id) {
        const std::uint64_t key = piece.words[0] | piece.words[1] << 8;
        const bool kept = is_token & (key >> 56 <= kLongest);
        const std::size_t at = kSlots ^ ((slot(key) ^ kSlots) & (0 - std::size_t{kept}));
        keys_[at] = key;
        ids_[at] = id;
    }

private:
    static constexpr unsigned kBits = 15;
    static constexpr std::size_t kSlots = std::size_t{1} << kBits;

    struct Part {
        std::uint64_t text, length;
    };
    static constexpr auto kParts = [] {
        std::array<Part, kLongest + 2> parts{};
        for (std::uint64_t size = 0; size < parts.size(); ++size) {
            const bool fits = size <= kLongest;
            parts[size] = {fits ? (std::uint64_t{1} << 8 * size) - 1 : 0, size << 56};
        }
        return parts;
    }();

    std::vector<std::uint64_t> keys_ = std::vector<std::uint64_t>(kSlots + 1);
    std::vector<TokenId> ids_ = std::vector<TokenId>(kSlots + 1);
};

}  // namespace ctxpack::bpe
