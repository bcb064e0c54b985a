// The tokens of an encoding and the tables that BPE and pretoken lookup read. Immutable, so safe to share.
#pragma once

#include <memory>
#include <vector>

#include "bpe/pair_table.hpp"
#include "bpe/piece.hpp"
#include "bpe/straddle.hpp"

namespace ctxpack::bpe {

// What a vocabulary file holds, as views of its bytes; see tools/build_vocab.py.
struct VocabularyData {
    std::size_t size;   // ordinary tokens; their ids are 0 .. size - 1
    Bytes lengths;      // one byte a token
    Bytes left_halves;  // one byte a token: length of the left half of its last merge, 0 for a single byte
    Bytes text;         // the bytes of all tokens, in id order
    std::size_t text_size;
};

class Vocabulary {
public:
    // Throws std::invalid_argument where the data contradicts itself. O(bytes of all tokens).
    explicit Vocabulary(const VocabularyData& data);

    std::size_t size() const { return offsets_.size() - 1; }
    Bytes text(TokenId id) const { return text_.data() + offsets_[id]; }
    std::size_t length(TokenId id) const { return offsets_[id + 1] - offsets_[id]; }

    // The token of that text, or kNoToken. O(1), for a long piece O(its bytes).
    TokenId find(PieceKey key, std::uint64_t hash) const {
        const std::size_t slot = find_slot(key, hash);
        return slot == kNoSlot ? kNoToken : short_ids_[slot];
    }
    TokenId find(Bytes p, std::size_t size, std::uint64_t hash) const;

    // Whether that token is in the first slot where it is looked for; older tokens, which are the common ones, mostly are.
    // Without a branch.
    bool is_home(PieceKey key, std::uint64_t hash) const {
        const PieceKey& slot = short_[hash >> short_shift_];
        return ((slot.low ^ key.low) | (slot.high ^ key.high)) == 0;
    }
    // The token that is_home found.
    TokenId home_id(std::uint64_t hash) const { return short_ids_[hash >> short_shift_]; }
    void prefetch_short(std::uint64_t hash) const { prefetch(&short_[hash >> short_shift_]); }
    void prefetch_long(std::uint64_t hash) const { prefetch(&long_[hash >> long_shift_]); }

    TokenId byte_id(std::uint8_t byte) const { return byte_ids_[byte]; }
    // What two single bytes merge into, or kNoToken.
    TokenId merged_bytes(std::uint8_t left, std::uint8_t right) const { return byte_pairs_[left << 8 | right]; }
    TokenId merged(TokenId left, TokenId right) const { return pairs_.find(left, right); }
    // The token of one character, or kNoToken.
    TokenId character_id(std::uint32_t point) const { return point < kPoints ? characters_[point] : kNoToken; }
    const StraddleFilter& straddle() const { return *straddle_; }

private:
    static constexpr std::size_t kNoSlot = ~std::size_t{0};
    static constexpr std::size_t kPoints = 0x20000;  // no token is a character above

    // Upper half of the hash, then id + 1; zero is empty.
    using LongSlot = std::uint64_t;

    std::size_t find_slot(PieceKey key, std::uint64_t hash) const {
        for (std::size_t at = hash >> short_shift_; short_[at].high != 0; at = (at + 1) & (short_.size() - 1)) {
            if (short_[at].low == key.low && short_[at].high == key.high) return at;
        }
        return kNoSlot;
    }

    // A piece with its hash, ready to be looked up once its slot has come into the cache.
    struct Prepared {
        Bytes text;
        std::size_t size;
        std::uint64_t hash;
        PieceKey key;  // of a short piece
    };

    Prepared prepare(Bytes p, std::size_t size) const;
    TokenId find(const Prepared& piece) const;
    void index_pieces();
    void insert(const Prepared& piece, TokenId id);
    void index_bytes();
    void index_merges(Bytes left_halves);
    void index_characters();
    void index_character(TokenId id);
    void index_straddling(TokenId id);

    std::vector<std::uint32_t> offsets_;
    std::vector<std::uint8_t> text_;
    unsigned short_shift_;
    unsigned long_shift_;
    Table<PieceKey> short_;
    Table<TokenId> short_ids_;  // parallel to short_, so that counting never loads it
    std::vector<LongSlot> long_;
    TokenId byte_ids_[256];
    std::vector<TokenId> byte_pairs_;
    std::vector<TokenId> characters_;  // by code point
    PairTable pairs_;
    std::unique_ptr<StraddleFilter> straddle_;
};

}  // namespace ctxpack::bpe
