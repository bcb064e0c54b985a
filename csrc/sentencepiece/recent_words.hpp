// What short words met lately add to a count: a table that fits the fast caches of a processor, to be asked before the
// one of all words, which does not.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "cpu/level.hpp"
#include "encoding/table.hpp"
#include "encoding/text_key.hpp"
#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

// A key is the text's complement, zero-filled: no byte of UTF-8 has a complement of zero. Each has one slot, its home,
// which holds the last of those that share it.
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
    static std::size_t home(Key key) { return key * kMix1 >> (64 - kBits); }
    // Sets the worths of the words that are there, and writes the numbers of the others to `rest`, in order; returns
    // how many others there are.
    std::size_t find(const Key* keys, const std::size_t* homes, std::size_t words, Worth* worths,
                     std::uint32_t* rest) const {
        std::size_t left = 0;
#pragma GCC unroll 4
        for (std::size_t i = 0; i < words; ++i) {
            const Slot& slot = slots_[homes[i]];
            worths[i] = slot.worth;
            rest[left] = static_cast<std::uint32_t>(i);
            left += slot.key != keys[i];
        }
        return left;
    }
    // Remembers a word if that is wanted and it is not too long. All else goes to a slot that is never read, which is
    // chosen by a mask: compilers turn ?: into a branch here.
    void put(bool wanted, Key key, std::size_t home, const Worth& worth) {
        const bool kept = wanted & (key != kTooLong);
        slots_[kSlots ^ ((kSlots ^ home) & (0 - std::size_t{kept}))] = {key, worth};
    }

private:
    // So that none is in two lines of the processor's caches.
    struct alignas(std::bit_ceil(sizeof(Key) + sizeof(Worth))) Slot {
        Key key;
        Worth worth;
    };
    static constexpr std::size_t kBytes = std::size_t{1} << 18;  // a larger table is in the way of what else is near
    static constexpr std::size_t kSlots = kBytes / sizeof(Slot);

public:
    static constexpr unsigned kBits = std::countr_zero(kSlots);

private:
    static constexpr Key kTooLong = 0;
    static constexpr Key kNone = 1;  // of text that starts with 0xFE

    static constexpr auto kMasks = [] {
        std::array<Key, kLongest + 2> masks{};
        for (std::size_t size = 1; size <= kLongest; ++size) masks[size] = masks[size - 1] << 8 | 0xFF;
        masks[kLongest + 1] = kTooLong;
        return masks;
    }();

    Table<Slot> slots_;  // the last is never read
};

// Writes the keys of words and their homes. A loop of its own, in which no step waits for another. Each word has a
// start and an end, in a text that ends at `end`. All arrays are read and written kTextsAtOnce at a time, also past
// the last word.
using WriteKeys = void (*)(const Bytes* starts, const Bytes* ends, std::size_t words, Bytes end, std::uint64_t* keys,
                           std::size_t* homes);

template <class Worth>
WriteKeys write_keys_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
template <class Worth>
CTXPACK_AT_AVX512 void write_keys_avx512(const Bytes* starts, const Bytes* ends, std::size_t words, Bytes end,
                                         std::uint64_t* keys, std::size_t* homes);
#endif

}  // namespace ctxpack::sentencepiece
