// Tokens of few bytes that were met lately and, where ids are wanted, such pretokens of two tokens: a table that fits
// the fast caches of a processor, to be asked before the one of all pretokens, which does not.
#pragma once

#include <type_traits>

#include "bpe/pairs.hpp"
#include "encoding/table.hpp"
#include "encoding/text_key.hpp"

namespace ctxpack::bpe {

// A key is the text, zero-filled; where it has fewer than eight bytes, the last of the key is its length, as a byte
// that is nowhere in UTF-8. Each key has one slot, which holds the last of those that share it.
template <bool wants_ids>
class RecentTokens {
public:
    static constexpr std::size_t kLongest = 8;  // bytes

    RecentTokens() { slots_[slot(0)].key = kNoKey; }

    static constexpr unsigned kBits = wants_ids ? 14 : 15;  // of the number of slots

    // Key of the `size` bytes at `p`, where 8 may be read. All that are too long have one, which no slot holds.
    static std::uint64_t key(Bytes p, std::size_t size) {
        std::uint64_t text;
        std::memcpy(&text, p, sizeof text);
        return key(text, size);
    }
    std::size_t slot(std::uint64_t key) const { return key * kMix1 >> (64 - kBits); }
    bool holds(std::size_t slot, std::uint64_t key) const { return slots_[slot].key == key; }
    const TokenPair& tokens(std::size_t slot) const { return slots_[slot].tokens; }

    // Remembers a pretoken, if that is wanted and it is short enough. Without a branch, into which compilers turn ?:
    // here: all else goes to a slot that is never read.
    void note(bool wanted, const ShortKey& pretoken, const TokenPair& tokens) {
        const std::size_t size = pretoken.words[1] >> 48;
        const std::uint64_t key = pretoken.words[0] | kLengthMarks[size % kLengths];
        const bool kept = wanted & (size <= kLongest);
        Slot& noted = slots_[kSlots ^ ((slot(key) ^ kSlots) & (0 - std::size_t{kept}))];
        noted.key = key;
        if constexpr (wants_ids) noted.tokens = tokens;
    }

    // What a key keeps of eight bytes, and what it has beside them, by length; both end with those of all that are
    // longer.
    static constexpr std::size_t kLengths = 16;
    static constexpr auto kTexts = [] {
        std::array<std::uint64_t, kLengths> texts{};
        for (std::size_t size = 1; size <= kLongest; ++size) texts[size] = ~std::uint64_t{0} >> (64 - 8 * size);
        return texts;
    }();
    static constexpr auto kLengthMarks = [] {
        std::array<std::uint64_t, kLengths> marks{};
        for (std::uint64_t size = 0; size < kLongest; ++size) marks[size] = (0xF8 + size) << 56;
        marks[kLongest + 1] = marks[0];
        return marks;
    }();

private:
    static constexpr std::size_t kSlots = std::size_t{1} << kBits;

    static std::uint64_t key(std::uint64_t text, std::size_t size) {
        const std::size_t length = std::min(size, kLongest + 1);
        return (text & kTexts[length]) | kLengthMarks[length];
    }

    static constexpr std::uint64_t kNoKey = ~std::uint64_t{0};
    struct Counted {
        std::uint64_t key;
    };
    struct Encoded {
        std::uint64_t key;
        TokenPair tokens;
    };
    using Slot = std::conditional_t<wants_ids, Encoded, Counted>;

    // Empty slots hold key 0. Only slot 0 could be asked for that key, and the constructor puts kNoKey there.
    Table<Slot> slots_{kSlots + 1, Pages::small};
};

}  // namespace ctxpack::bpe
