// What words met before became: bounded tables that forget.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <span>

#include "encoding/table.hpp"
#include "encoding/text_key.hpp"
#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

// A word of up to 14 bytes and 8 tokens, none of them the unknown piece: the key with the number of tokens in the
// byte that keys leave zero, and what the segmenter keeps beside it. No tokens: the word is one for the other table;
// whether it is the unknown piece, and what counting needs of that, may be kept here.
template <class Note>
class ShortSlot {
public:
    using Key = ShortKey;
    static constexpr std::size_t kIds = 8;
    static constexpr std::size_t kNoCount = 0x80;  // in place of a number of tokens

    bool holds(const Key& key) const {
        return ((key_.words[0] ^ key.words[0]) | ((key_.words[1] & ~kCount) ^ key.words[1])) == 0;
    }
    bool empty() const { return key_.words[1] == 0; }
    Key key() const { return {{key_.words[0], key_.words[1] & ~kCount}}; }
    std::size_t count() const { return mark() % kNoCount; }
    // The number of tokens, or kNoCount.
    std::size_t mark() const { return static_cast<std::size_t>(key_.words[1] >> 56); }
    const Note& note() const { return note_; }
    void fill(const Key& key, std::size_t mark, const Note& note) {
        key_ = {{key.words[0], key.words[1] | static_cast<std::uint64_t>(mark) << 56}};
        note_ = note;
    }

private:
    static constexpr std::uint64_t kCount = std::uint64_t{0xFF} << 56;

    Key key_;
    [[no_unique_address]] Note note_;
};

struct LongKey {
    Bytes text;
    std::size_t size;
};

// Every byte counts, eight at a time.
inline std::uint64_t hash_of(LongKey key) {
    std::uint64_t hash = key.size;
    std::uint64_t word;
    for (; key.size > 8; key.text += 8, key.size -= 8) {
        std::memcpy(&word, key.text, 8);
        hash = std::rotl((hash ^ word) * kMix2, 29);
    }
    word = 0;
    std::memcpy(&word, key.text, key.size);
    return mix(hash ^ word);
}

// A word of up to 58 bytes and 12 tokens.
class LongSlot {
public:
    using Key = LongKey;
    static constexpr std::size_t kIds = 12;
    static constexpr std::size_t kLongest = 58;

    bool holds(const Key& key) const { return size_ == key.size && std::memcmp(text_, key.text, key.size) == 0; }
    bool empty() const { return size_ == 0; }
    Key key() const { return {text_, size_}; }
    std::size_t count() const { return count_; }
    float limit() const { return limit_; }
    void fill(const Key& key, std::size_t count, float limit) {
        std::memcpy(text_, key.text, key.size);
        size_ = static_cast<std::uint8_t>(key.size);
        count_ = static_cast<std::uint8_t>(count);
        limit_ = limit;
    }

private:
    std::uint8_t text_[kLongest];
    std::uint8_t size_;
    std::uint8_t count_;
    float limit_;
};

// Words and, apart from them because counting need not read those, their tokens. Slots that share a line of the
// processor's caches are filled in turn, and then the next line's. A table is small at first, for a large one takes
// milliseconds to be there: when it is half full it grows to 2^kMostBits slots, and when these are, it forgets all.
template <class Slot, unsigned kMostBits>
class WordTable {
public:
    using Key = typename Slot::Key;
    // The first slot of a line.
    using Line = std::uint32_t;

    static constexpr std::size_t kMostSlots = std::size_t{1} << kMostBits;

    WordTable() : WordTable(kFewestBits) {}

    // Where a word is, or else in the lines after, until the table grows: then it may not be found from there.
    Line line(const Key& key) const { return static_cast<Line>(hash_of(key) >> shift_ & ~(kWays - 1)); }
    void prefetch(Line line) const { cpu::prefetch(&slots_[line]); }
    void prefetch_ids(Line line) const { cpu::prefetch(&ids_[line]); }

    // Null where the word is not there. One branch a line: which of its slots holds the word could not be predicted.
    const Slot* find(const Key& key, Line line) const {
        for (std::size_t at = line;; at = next(at)) {
            unsigned found = 0;
            for (std::size_t i = 0; i < kWays; ++i) found |= static_cast<unsigned>(slots_[at + i].holds(key)) << i;
            if (found != 0) return &slots_[at + static_cast<std::size_t>(std::countr_zero(found))];
            if (slots_[at + kWays - 1].empty()) return nullptr;
        }
    }
    // The slot that holds a word in its own line, and true; or else some slot of that line, and false.
    std::pair<const Slot*, bool> find_in_line(const Key& key, Line line) const {
        unsigned found = 0;
        for (std::size_t i = 0; i < kWays; ++i) found |= static_cast<unsigned>(slots_[line + i].holds(key)) << i;
        const int way = std::countr_zero(found | 1U << (kWays - 1));
        return {&slots_[line + static_cast<std::size_t>(way)], found != 0};
    }
    const TokenId* ids(const Slot* slot) const { return ids_[static_cast<std::size_t>(slot - &slots_[0])].data(); }

    // Adds a word that was not found, with its tokens and their number, or without tokens and with what a slot has in
    // place of a number; returns the slot.
    template <class Note>
    const Slot* insert(const Key& key, std::span<const TokenId> ids, std::size_t mark, const Note& note) {
        assert(ids.size() <= Slot::kIds && (ids.empty() || mark == ids.size()));
        if (2 * filled_ >= slots_.size()) slots_.size() < kMostSlots ? grow() : forget();
        const std::size_t at = free_slot(line(key));
        slots_[at].fill(key, mark, note);
        std::copy(ids.begin(), ids.end(), ids_[at].begin());
        ++filled_;
        return &slots_[at];
    }

private:
    static constexpr std::size_t kWays = 64 / sizeof(Slot);
    static constexpr unsigned kFewestBits = kMostBits - 4;

    using Ids = std::array<TokenId, Slot::kIds>;

    explicit WordTable(unsigned bits)
        : shift_(64 - bits), slots_(make<Slot>(std::size_t{1} << bits)), ids_(make<Ids>(std::size_t{1} << bits)) {}

    template <class T>
    static Table<T> make(std::size_t size) {
        return Table<T>(size, size * sizeof(T) < memory::kLargePage ? Pages::at_once : Pages::large);
    }

    std::size_t next(std::size_t at) const { return (at + kWays) & (slots_.size() - 1); }

    // The first from a line on. No branch looks for that of a line: it could not be predicted.
    std::size_t free_slot(std::size_t at) const {
        while (!slots_[at + kWays - 1].empty()) at = next(at);
        std::size_t used = 0;
        for (std::size_t i = 0; i + 1 < kWays; ++i) used += !slots_[at + i].empty();
        return at + used;
    }

    void grow() {
        WordTable larger(kMostBits);
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            if (slots_[i].empty()) continue;
            const std::size_t at = larger.free_slot(larger.line(slots_[i].key()));
            larger.slots_[at] = slots_[i];
            larger.ids_[at] = ids_[i];
        }
        larger.filled_ = filled_;
        *this = std::move(larger);
    }
    void forget() {
        slots_ = make<Slot>(slots_.size());
        filled_ = 0;
    }

    unsigned shift_;
    std::size_t filled_ = 0;
    Table<Slot> slots_;
    Table<Ids> ids_;
};

}  // namespace ctxpack::sentencepiece
