// Which tokens merge into which, and from what a merge may start. Immutable, so safe to share.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "bpe/cuts.hpp"
#include "bpe/straddle.hpp"
#include "bpe/vocabulary.hpp"
#include "encoding/pair_table.hpp"

namespace ctxpack::bpe {

class Merges {
public:
    // `vocabulary` is made of the same data. Throws std::invalid_argument where that contradicts itself. O(bytes of all
    // tokens).
    Merges(const Vocabulary& vocabulary, const VocabularyData& data);

    // The token that two tokens merge into, or kNoToken.
    TokenId merged(TokenId left, TokenId right) const { return pairs_.find(pairs_.query(left, right)); }
    // The token that two bytes merge into, or kNoToken.
    TokenId merged_bytes(std::uint8_t left, std::uint8_t right) const { return byte_pairs_[left << 8 | right]; }
    const PairTable& pairs() const { return pairs_; }
    // What a character merges into by itself: one token, or two. The first is kNoToken where it is not known.
    struct Character {
        TokenId first = kNoToken, second = kNoToken;
    };
    Character character(std::uint32_t point) const {
        return point < kPoints ? characters_[point].known() : Character{};
    }
    const StraddleFilter& straddle() const { return *straddle_; }
    // The rank that the bytes of a character are one token from; kNoToken where they become none or it is not known.
    TokenId whole_from(std::uint32_t point) const {
        const Character known = character(point);
        return known.second == kNoToken ? known.first : kNoToken;
    }
    // Where pretokens may be cut into parts, and whether any may: not where a pretoken can be a token that no merge
    // makes. A part that is spelt like a token is taken for it, so merging its bytes must give that token, too: loaders
    // see to that.
    const Cuts& cuts() const { return cuts_; }
    bool may_cut() const { return may_cut_; }
    // Whether they may also be cut before blanks after ASCII: no token has one there.
    bool may_cut_at_blanks() const { return may_cut_ && !has_inner_blanks_; }

    // Whether `next`, which the token `made` that was just made can merge into, must be made at once, before `made` is
    // made anywhere else. A few vocabularies have such tokens.
    bool has_haste() const { return !hasty_.empty(); }
    bool is_hasty(TokenId made, TokenId next) const {
        return std::any_of(hasty_.begin(), hasty_.end(),
                           [&](RankRange range) { return range.first <= made && made < next && next <= range.last; });
    }

private:
    static constexpr std::size_t kPoints = 0x20000;  // few tokens are characters above, and these are merged from bytes

    // Stored as complements, so that pages never touched, which read as zero, mean kNoToken.
    struct KeptCharacter {
        Character known() const { return {~not_first, ~not_second}; }

        TokenId not_first, not_second;
        static_assert(static_cast<TokenId>(~kNoToken) == 0);
    };

    struct EndPoints;

    void check_haste(const Vocabulary& vocabulary) const;
    void index_pairs(const Vocabulary& vocabulary, const VocabularyData& data);
    void index_texts(const Vocabulary& vocabulary, const VocabularyData& data);
    EndPoints index_text(TokenId rank, Bytes begin, Bytes end);
    EndPoints index_whole(TokenId rank, Bytes begin, Bytes end);
    void index_straddling(TokenId rank, Bytes begin, Bytes end);
    bool is_hasty(TokenId token) const;
    void join(std::uint32_t left, std::uint32_t right);
    void index_halves(const Vocabulary& vocabulary);
    void index_alone();

    PairTable pairs_;
    std::vector<TokenId> byte_pairs_;  // by both bytes
    Table<KeptCharacter> characters_;  // by code point
    std::unique_ptr<StraddleFilter> straddle_;
    Cuts cuts_;
    bool may_cut_;
    bool has_inner_blanks_ = false;  // some token has a blank after ASCII
    std::vector<RankRange> hasty_;
};

}  // namespace ctxpack::bpe
