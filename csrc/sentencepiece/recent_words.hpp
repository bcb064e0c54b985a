// What short words met lately add to a count: a table that fits the fast caches of a processor, to be asked before the
// one of all words, which does not.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "bpe/piece.hpp"
#include "bpe/table.hpp"
#include "sentencepiece/types.hpp"

namespace ctxpack::sentencepiece {

// A key is the text's complement, zero-filled: no byte of UTF-8 has a complement of zero. Each has one slot, which holds
// the last of those that share it.
template <class Worth>
class RecentWords {
public:
    using Key = std::uint64_t;
    static constexpr std::size_t kLongest = sizeof(Key);  // bytes

    RecentWords() : slots_(kSlots + 1) { slots_[home(kTooLong)].key = kNone; }

    // Of the `size` bytes at `p`, where kLongest may be read. All that are too long have one key, which no slot holds.
    static Key key(Bytes p, std::size_t size) {
        Key text;
        std::memcpy(&text, p, sizeof text);
        return ~text & kMasks[std::min(size, kLongest + 1)];
    }
    // Sets what the word is worth, if it is there.
    bool find(Key key, Worth& worth) const {
        const Slot& slot = slots_[home(key)];
        worth = slot.worth;
        return slot.key == key;
    }
    // Remembers a word if that is wanted and it is not too long. Without a branch, which compilers make of ?: here: all
    // else goes to a slot that is never read.
    void put(bool wanted, Key key, const Worth& worth) {
        const bool kept = wanted & (key != kTooLong);
        slots_[kSlots ^ ((kSlots ^ home(key)) & (0 - std::size_t{kept}))] = {key, worth};
    }

private:
    static constexpr unsigned kBits = 13;
    static constexpr std::size_t kSlots = std::size_t{1} << kBits;
    static constexpr Key kTooLong = 0;
    static constexpr Key kNone = 1;  // of text that starts with 0xFE

    struct Slot {
        Key key;
        Worth worth;
    };
    static constexpr auto kMasks = [] {
        std::array<Key, kLongest + 2> masks{};
        for (std::size_t size = 1; size <= kLongest; ++size) masks[size] = masks[size - 1] << 8 | 0xFF;
        masks[kLongest + 1] = kTooLong;
        return masks;
    }();

    static std::size_t home(Key key) { return key * bpe::kMix1 >> (64 - kBits); }

    bpe::Table<Slot> slots_;  // the last is never read
};

}  // namespace ctxpack::sentencepiece
