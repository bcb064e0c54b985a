// Tokens of few bytes that were met lately and, where ids are wanted, such pretokens of two tokens: a table that fits
// the fast caches of a processor, to be asked before the one of all pieces, which does not.
#pragma once

#include <type_traits>
#include <vector>

#include "bpe/pairs.hpp"
#include "bpe/piece.hpp"

namespace ctxpack::bpe {

// A key is the text, zero-filled, with its length in the last byte; 0 is no key. Each has one slot, which holds the
// last of those that share it.
template <bool ids>
class RecentTokens {
public:
    static constexpr std::size_t kLongest = 7;  // bytes

    static constexpr unsigned kBits = ids ? 14 : 15;  // of the number of slots

    // Key of the `size` bytes at `p`, where 8 may be read. All that are too long have one key, which no slot holds.
    static std::uint64_t key(Bytes p, std::size_t size) {
        const Part& part = kParts[std::min(size, kLongest + 1)];
        std::uint64_t text;
        std::memcpy(&text, p, sizeof text);
        return (text & part.text) | part.length;
    }
    std::size_t slot(std::uint64_t key) const { return key * kMix1 >> (64 - kBits); }
    bool holds(std::size_t slot, std::uint64_t key) const { return slots_[slot].key == key; }
    const TokenPair& tokens(std::size_t slot) const { return slots_[slot].tokens; }

    // Remembers a piece, if that is wanted and it is short enough. Without a branch, which compilers make of ?: here:
    // all else goes to a slot that is never read.
    void note(bool wanted, const ShortKey& piece, const TokenPair& tokens) {
        const std::uint64_t key = piece.words[0] | piece.words[1] << 8;
        const bool kept = wanted & (key >> 56 <= kLongest);
        Slot& noted = slots_[kSlots ^ ((slot(key) ^ kSlots) & (0 - std::size_t{kept}))];
        noted.key = key;
        if constexpr (ids) noted.tokens = tokens;
    }

private:
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

    struct Counted {
        std::uint64_t key;
    };
    struct Encoded {
        std::uint64_t key;
        TokenPair tokens;
    };
    using Slot = std::conditional_t<ids, Encoded, Counted>;

    std::vector<Slot> slots_ = std::vector<Slot>(kSlots + 1);
};

}  // namespace ctxpack::bpe
