// The tokens of an encoding. Immutable, so safe to share.
//
// A token is named by its rank: its place in the order of merges. Its id may be another number; see Ids. Merging works
// with ranks; what comes out of it, and all else, are ids.
#pragma once

#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "encoding/types.hpp"

namespace ctxpack::bpe {

struct RankRange {
    TokenId first, last;
};

// What a vocabulary file holds, as views of its bytes; see ctxpack/tokens/vocabulary.py.
struct VocabularyData {
    std::span<const std::uint8_t> bytes;       // the tokens of rank 0 .. 255: every byte once
    std::span<const std::uint8_t> pairs;       // for each rank from 256 on: the ranks of its halves (u24 each)
    std::span<const std::string_view> wholes;  // tokens that no merge makes, only a pretoken that is one; ranked next
    std::span<const std::string_view> spares;  // tokens that no text becomes, perhaps an empty one; ranked last
    std::span<const RankRange> hasty;          // tokens made one from the other at once, before any other merge
};

// The two tokens that a token is merged from.
struct Halves {
    TokenId left, right;
};

class Vocabulary {
public:
    static constexpr std::size_t kBytes = 256;
    static constexpr std::size_t kRoom = 64;     // bytes that may be read from where any token starts
    static constexpr std::size_t kPairSize = 6;  // bytes of a merge in the data

    // Keeps no view of the data. Throws std::invalid_argument where it contradicts itself. O(bytes of all tokens).
    explicit Vocabulary(const VocabularyData& data);

    std::size_t size() const { return offsets_.size() - 1; }
    // Tokens that are bytes or made by merges, and those that a pretoken may be; they come first.
    std::size_t merged() const { return merged_; }
    std::size_t pretokens() const { return pretokens_; }
    // Bytes of the longest token that text becomes.
    std::size_t longest() const { return longest_; }
    // Bytes of the longest token that a pretoken may be but no merge makes; 0 where there is none.
    std::size_t longest_whole() const { return longest_whole_; }

    // Of `length` bytes; kRoom may be read.
    Bytes text(TokenId rank) const { return text_.data() + offsets_[rank]; }
    std::size_t length(TokenId rank) const { return offsets_[rank + 1] - offsets_[rank]; }

    TokenId byte_rank(std::uint8_t byte) const { return byte_ranks_[byte]; }

private:
    void index_bytes(const VocabularyData& data);

    std::size_t merged_;
    std::size_t pretokens_;
    std::size_t longest_ = 0, longest_whole_ = 0;
    std::vector<std::uint32_t> offsets_;
    std::vector<std::uint8_t> text_;
    TokenId byte_ranks_[kBytes];
};

// The halves of the token of that rank, from kBytes on.
inline Halves halves(const VocabularyData& data, std::size_t rank) {
    const Bytes pair = data.pairs.data() + (rank - Vocabulary::kBytes) * Vocabulary::kPairSize;
    TokenId left, right;  // each with a byte of the other
    std::memcpy(&left, pair, sizeof left);
    std::memcpy(&right, pair + 2, sizeof right);
    return {left & 0xFFFFFF, right >> 8};
}

}  // namespace ctxpack::bpe
