// What words met before became: bounded tables that forget.
#pragma once

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

// A word of up to 14 bytes and 3 tokens, none of them the unknown piece, 32 bytes: the key with the number of tokens in
// the byte that keys leave zero.
class ShortSlot {
public:
    using Key = bpe::ShortKey;
    static constexpr std::size_t kIds = 3;

    bool holds(const Key& key) const {
        return ((key_.words[0] ^ key.words[0]) | ((key_.words[1] & ~kCount) ^ key.words[1])) == 0;
    }
    std::size_t count() const { return static_cast<std::size_t>(key_.words[1] >> 56); }
    float limit() const { return limit_; }
    const TokenId* ids() const { return ids_; }
    // Fills the places that the tokens leave with `filler`.
    void fill(Key key, const Tokens& tokens, TokenId filler) {
        key_ = {{key.words[0], key.words[1] | static_cast<std::uint64_t>(tokens.count) << 56}};
        limit_ = tokens.limit;
        for (std::size_t i = 0; i < kIds; ++i) ids_[i] = i < tokens.count ? tokens.ids[i] : filler;
    }

private:
    static constexpr std::uint64_t kCount = std::uint64_t{0xFF} << 56;

    Key key_;
    float limit_;
    TokenId ids_[kIds];
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

// A word of up to 42 bytes and 20 tokens, 128 bytes.
class LongSlot {
public:
    using Key = LongKey;
    static constexpr std::size_t kIds = 20;
    static constexpr std::size_t kLongest = 42;

    bool holds(Key key) const { return size_ == key.size && std::memcmp(text_, key.text, key.size) == 0; }
    Tokens tokens() const { return {ids_, count_, limit_}; }
    void fill(Key key, const Tokens& tokens) {
        std::memcpy(text_, key.text, key.size);
        size_ = static_cast<std::uint8_t>(key.size);
        count_ = static_cast<std::uint8_t>(tokens.count);
        limit_ = tokens.limit;
        std::memcpy(ids_, tokens.ids, tokens.count * sizeof(TokenId));
    }

private:
    std::uint8_t text_[kLongest];
    std::uint8_t size_;
    std::uint8_t count_;
    float limit_;
    TokenId ids_[kIds];
};

// Two-way: a word lives in one of two neighbouring slots, the fresher one first.
template <class Slot, unsigned Bits>
class WordCache {
public:
    // Null where the word is not there. One branch, for which of the two slots holds it nobody can foretell.
    const Slot* find(typename Slot::Key key, std::uint64_t hash) const {
        const std::size_t at = hash >> (64 - Bits);
        const bool first = slots_[at].holds(key);
        const bool second = slots_[at ^ 1].holds(key);
        return (first | second) ? &slots_[at ^ static_cast<std::size_t>(!first)] : nullptr;
    }
    template <class... More>
    void insert(typename Slot::Key key, std::uint64_t hash, const Tokens& tokens, More... more) {
        const std::size_t at = hash >> (64 - Bits);
        slots_[at ^ 1] = slots_[at];
        slots_[at].fill(key, tokens, more...);
    }
    void prefetch_slot(std::uint64_t hash) const { bpe::prefetch(&slots_[hash >> (64 - Bits)]); }

private:
    bpe::Table<Slot> slots_{std::size_t{1} << Bits};
};

using ShortWordCache = WordCache<ShortSlot, 17>;
using LongWordCache = WordCache<LongSlot, 15>;

}  // namespace ctxpack::sentencepiece
