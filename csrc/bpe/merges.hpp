// Which tokens merge into which, and from what a merge may start. Immutable, so safe to share.
#pragma once

#include <memory>
#include <vector>

#include "bpe/pair_table.hpp"
#include "bpe/pieces.hpp"
#include "bpe/straddle.hpp"
#include "bpe/vocabulary.hpp"

namespace ctxpack::bpe {

class Merges {
public:
    // `left_halves` are those of VocabularyData. Throws std::invalid_argument where a token is no merge of two older
    // ones. O(bytes of all tokens).
    Merges(const Vocabulary& vocabulary, const Pieces& pieces, Bytes left_halves);

    // The token that two tokens merge into, or kNoToken.
    TokenId merged(TokenId left, TokenId right) const { return pairs_.find(pairs_.query(left, right)); }
    TokenId merged_bytes(std::uint8_t left, std::uint8_t right) const { return byte_pairs_[left << 8 | right]; }
    const PairTable& pairs() const { return pairs_; }
    // The token of one character, or kNoToken.
    TokenId character_id(std::uint32_t point) const { return point < kPoints ? characters_[point] : kNoToken; }
    const StraddleFilter& straddle() const { return *straddle_; }

private:
    static constexpr std::size_t kPoints = 0x20000;  // no token is a character above

    void index_pairs(const Vocabulary& vocabulary, const Pieces& pieces, Bytes left_halves);
    void index_texts(const Vocabulary& vocabulary);
    void index_character(TokenId id, Bytes text, std::size_t length);
    void index_straddling(Bytes begin, Bytes end);

    PairTable pairs_;
    std::vector<TokenId> byte_pairs_;  // by both bytes
    std::vector<TokenId> characters_;  // by code point
    std::unique_ptr<StraddleFilter> straddle_;
};

}  // namespace ctxpack::bpe
