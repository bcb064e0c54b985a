// The tokens of an encoding and the tables that BPE and pretoken lookup read. Immutable, so safe to share.
//
// A token is named by its rank: its place in the order of merges. A vocabulary's own ids may be others; Encoding maps them.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bpe/pair_table.hpp"
#include "bpe/piece.hpp"
#include "bpe/straddle.hpp"

namespace ctxpack::bpe {

struct RankRange {
    TokenId first, last;
};

// What a vocabulary file holds, as views of its bytes; see ctxpack/tokens/vocabulary.py.
struct VocabularyData {
    std::span<const std::uint8_t> bytes;  // the tokens of rank 0 .. 255: every byte once
    std::span<const std::uint8_t> pairs;  // for each rank from 256 on: rank of its left half, then of its right (u24 each)
    std::span<const std::string_view> wholes;  // tokens that no merge makes, only a pretoken that is one; ranked next
    std::span<const std::string_view> spares;  // tokens that no text becomes; their ranks come last
    std::span<const RankRange> hasty;  // tokens made one from the other at once, before any other merge
};

class Vocabulary {
public:
    // Throws std::invalid_argument where the data contradicts itself. O(bytes of all tokens).
    explicit Vocabulary(const VocabularyData& data);

    static constexpr std::size_t kBytes = 256;

    std::size_t size() const { return offsets_.size() - 1; }
    Bytes text(TokenId id) const { return text_.data() + offsets_[id]; }
    std::size_t length(TokenId id) const { return offsets_[id + 1] - offsets_[id]; }

    // The token of that text, or kNoToken. O(1), for a long piece O(its bytes).
    TokenId find(PieceKey key, std::uint64_t hash) const {
        const std::size_t slot = find_slot(key, hash);
        return slot == kNoSlot ? kNoToken : short_ids_[slot];
    }
    TokenId find(Bytes p, std::size_t size, std::uint64_t hash) const;
    // The same for the piece [p, p + size) of a text that ends at `end`.
    TokenId find_piece(Bytes p, std::size_t size, Bytes end) const;

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

    // Whether `next`, once it can be made of the token `made` that has just been made, is to be made at once, before that
    // token is made anywhere else. A few vocabularies have such tokens.
    bool is_hasty(TokenId made, TokenId next) const {
        return std::any_of(hasty_.begin(), hasty_.end(), [&](RankRange range) {
            return range.first <= made && made < next && next <= range.last;
        });
    }
    bool starts_haste(TokenId made) const {
        return std::any_of(hasty_.begin(), hasty_.end(), [&](RankRange range) { return range.first == made; });
    }

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
    void index_pieces();
    void insert(const Prepared& piece, TokenId id);
    void index_bytes(const VocabularyData& data);
    void index_merges(const VocabularyData& data);
    void index_characters();
    void index_character(TokenId id);
    void index_straddling(TokenId id);

    std::size_t merged_;     // tokens that are bytes or made by merges
    std::size_t pretokens_;  // and those that a pretoken may be
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
    std::vector<RankRange> hasty_;
};

}  // namespace ctxpack::bpe
