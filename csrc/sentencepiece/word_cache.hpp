// What words met before became: bounded tables that forget.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "bpe/piece.hpp"
#include "bpe/table.hpp"
#include "sentencepiece/types.hpp"

namespace ctxpack::sentencepiece {

// The tokens of a word. A unigram model's hold as long as the score of the text before it is nearer to zero than
// `limit`; see Unigram.
struct Tokens {
    const TokenId* ids;
    std::size_t count;
    float limit;
};

// A word of up to 14 bytes and 8 tokens, none of them the unknown piece: the key with the number of tokens in the byte
// that keys leave zero, and what the segmenter keeps beside it. No tokens: the word is one for the other table.
template <class Note>
class ShortSlot {
public:
    using Key = bpe::ShortKey;
    static constexpr std::size_t kIds = 8;

    bool holds(const Key& key) const {
        return ((key_.words[0] ^ key.words[0]) | ((key_.words[1] & ~kCount) ^ key.words[1])) == 0;
    }
    bool empty() const { return key_.words[1] == 0; }
    std::size_t count() const { return static_cast<std::size_t>(key_.words[1] >> 56); }
    const Note& note() const { return note_; }
    void fill(const Key& key, std::size_t count, const Note& note) {
        key_ = {{key.words[0], key.words[1] | static_cast<std::uint64_t>(count) << 56}};
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
        hash = std::rotl((hash ^ word) * bpe::kMix2, 29);
    }
    word = 0;
    std::memcpy(&word, key.text, key.size);
    return bpe::mix(hash ^ word);
}

// A word of up to 58 bytes and 12 tokens.
class LongSlot {
public:
    using Key = LongKey;
    static constexpr std::size_t kIds = 12;
    static constexpr std::size_t kLongest = 58;

    bool holds(const Key& key) const { return size_ == key.size && std::memcmp(text_, key.text, key.size) == 0; }
    bool empty() const { return size_ == 0; }
    std::size_t count() const { return count_; }
    float note() const { return limit_; }
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
// processor's caches are filled in turn, and then the next line's. A table that is half full forgets all.
template <class Slot>
class WordTable {
public:
    using Key = typename Slot::Key;
    using Hash = std::uint32_t;

    // With 2^bits slots.
    explicit WordTable(unsigned bits) : bits_(bits), slots_(std::size_t{1} << bits), ids_(slots_.size()) {}

    static Hash hash(const Key& key) { return static_cast<Hash>(hash_of(key) >> 32); }
    void prefetch_line(Hash hash) const { bpe::prefetch(&slots_[line(hash)]); }
    void prefetch_ids(Hash hash) const { bpe::prefetch(&ids_[line(hash)]); }

    // Null where the word is not there. One branch a line, for which of its slots holds it nobody can foretell.
    const Slot* find(const Key& key, Hash hash) const {
        for (std::size_t at = line(hash);; at = next(at)) {
            unsigned found = 0;
            for (std::size_t i = 0; i < kWays; ++i) found |= static_cast<unsigned>(slots_[at + i].holds(key)) << i;
            if (found != 0) return &slots_[at + static_cast<std::size_t>(std::countr_zero(found))];
            if (slots_[at + kWays - 1].empty()) return nullptr;
        }
    }
    const TokenId* ids(const Slot* slot) const { return ids_[static_cast<std::size_t>(slot - &slots_[0])].data(); }

    // Adds a word that is not there.
    template <class Note>
    void insert(const Key& key, Hash hash, std::span<const TokenId> ids, const Note& note) {
        if (2 * filled_ >= slots_.size()) forget();
        std::size_t at = line(hash);
        while (!slots_[at + kWays - 1].empty()) at = next(at);
        while (!slots_[at].empty()) ++at;
        slots_[at].fill(key, ids.size(), note);
        std::copy(ids.begin(), ids.end(), ids_[at].begin());
        ++filled_;
    }

private:
    static constexpr std::size_t kWays = 64 / sizeof(Slot);

    std::size_t line(Hash hash) const { return hash >> (32 - bits_) & ~(kWays - 1); }
    std::size_t next(std::size_t at) const { return (at + kWays) & (slots_.size() - 1); }

    void forget() {
        slots_ = bpe::Table<Slot>(slots_.size());
        filled_ = 0;
    }

    using Ids = std::array<TokenId, Slot::kIds>;

    unsigned bits_;
    std::size_t filled_ = 0;
    bpe::Table<Slot> slots_;
    bpe::Table<Ids> ids_;
};

}  // namespace ctxpack::sentencepiece
