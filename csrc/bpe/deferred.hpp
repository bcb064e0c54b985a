// Pretokens that are not known, until there are enough of them to be merged side by side.
#pragma once

#include <array>

#include "bpe/merge_batch.hpp"
#include "encoding/text_key.hpp"

namespace ctxpack::bpe {

// The pieces that they are, in the order of the batch, mostly without repeats; and, in the text's order, the number of
// its piece for each pretoken.
class Deferred {
public:
    static constexpr std::size_t kMost = 2 * MergeBatch::kMost;  // pretokens

    struct Piece {
        Bytes start;
        std::size_t size;
        std::uint64_t hash;
    };

    std::span<const Piece> pieces() const { return {pieces_.data(), size_}; }
    std::span<const std::uint32_t> numbers() const { return {numbers_.data(), pretokens_}; }
    bool is_full() const { return size_ == MergeBatch::kMost || pretokens_ == kMost; }

    // Defers a piece with one that is the same; false where there is none that is easily found.
    bool join(const Piece& piece) {
        const std::uint32_t number = last_[piece.hash % kLast];
        if (number >= size_ || !same(pieces_[number], piece)) return false;
        numbers_[pretokens_++] = number;
        return true;
    }
    void add(const Piece& piece) {
        last_[piece.hash % kLast] = numbers_[pretokens_++] = static_cast<std::uint32_t>(size_);
        pieces_[size_++] = piece;
    }
    void clear() { size_ = pretokens_ = 0; }

private:
    static constexpr std::size_t kLast = 64;

    static bool same(const Piece& left, const Piece& right) {
        return left.hash == right.hash && view(left.start, left.size) == view(right.start, right.size);
    }

    std::size_t size_ = 0, pretokens_ = 0;
    std::array<Piece, MergeBatch::kMost> pieces_;
    std::array<std::uint32_t, kMost> numbers_;
    std::array<std::uint32_t, kLast> last_{};  // the last piece of those hashes
};

}  // namespace ctxpack::bpe
