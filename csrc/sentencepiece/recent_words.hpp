// What short words met lately add to a count: a table that fits the fast caches of a processor, to be asked before the
// one of all words, which does not.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "bpe/piece.hpp"
#include "bpe/table.hpp"
#include "cpu/level.hpp"
#include "sentencepiece/types.hpp"

namespace ctxpack::sentencepiece {

// A key is the text's complement, zero-filled: no byte of UTF-8 has a complement of zero. Each has one slot, which
// holds the last of those that share it.
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
    // Sets what the word of that key and its home is worth, if it is there.
    bool find(Key key, std::size_t home, Worth& worth) const {
        const Slot& slot = slots_[home];
        worth = slot.worth;
        return slot.key == key;
    }
    static std::size_t home(Key key) { return key * bpe::kMix1 >> (64 - kBits); }
    // Remembers a word if that is wanted and it is not too long. Without a branch, which compilers make of ?: here: all
    // else goes to a slot that is never read.
    void put(bool wanted, Key key, const Worth& worth) {
        const bool kept = wanted & (key != kTooLong);
        slots_[kSlots ^ ((kSlots ^ home(key)) & (0 - std::size_t{kept}))] = {key, worth};
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

    bpe::Table<Slot> slots_;  // the last is never read
};

// Sets what words are worth, those that are there, and writes which are not, in order; returns how many these are. Each
// word has a start and an end, in a text that ends at `end`. Starts and ends are read kPiecesAtOnce at once, also
// behind the last.
template <class Worth>
using FindWords = std::size_t (*)(const RecentWords<Worth>& recent, const Bytes* starts, const Bytes* ends,
                                  std::size_t words, Bytes end, Worth* worths, std::uint32_t* rest);

template <class Worth>
FindWords<Worth> find_words_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
template <class Worth>
CTXPACK_AT_AVX512 std::size_t find_words_avx512(const RecentWords<Worth>& recent, const Bytes* starts,
                                                const Bytes* ends, std::size_t words, Bytes end, Worth* worths,
                                                std::uint32_t* rest);
#endif

}  // namespace ctxpack::sentencepiece
