// Pretokens that are not known, until there are enough of them to be merged side by side.
#pragma once

#include <array>
#include <span>

#include "bpe/merge_batch.hpp"

namespace ctxpack::bpe {

// Those to be merged, in the order of the batch, few of them alike; and for every pretoken, in the text's order, the
// number of the one that it is like.
class Deferred {
public:
    static constexpr std::size_t kMost = 2 * MergeBatch::kMost;  // pretokens

    struct Pretoken {
        Bytes start;
        std::size_t size;
        std::uint64_t hash;
    };

    std::span<const Pretoken> to_merge() const { return {to_merge_.data(), size_}; }
    std::span<const std::uint32_t> numbers() const { return {numbers_.data(), pretokens_}; }
    bool is_full() const { return size_ == MergeBatch::kMost || pretokens_ == kMost; }

    // Defers a pretoken with one that is the same; false where there is none that is easily found.
    bool join(const Pretoken& pretoken) {
        const std::uint32_t number = last_[pretoken.hash % kLast];
        if (number >= size_ || !same(to_merge_[number], pretoken)) return false;
        numbers_[pretokens_++] = number;
        return true;
    }
    void add(const Pretoken& pretoken) {
        last_[pretoken.hash % kLast] = numbers_[pretokens_++] = static_cast<std::uint32_t>(size_);
        to_merge_[size_++] = pretoken;
    }
    void clear() { size_ = pretokens_ = 0; }

private:
    static constexpr std::size_t kLast = 64;

    static bool same(const Pretoken& left, const Pretoken& right) {
        return left.hash == right.hash && view(left.start, left.size) == view(right.start, right.size);
    }

    std::size_t size_ = 0, pretokens_ = 0;
    std::array<Pretoken, MergeBatch::kMost> to_merge_;
    std::array<std::uint32_t, kMost> numbers_;
    std::array<std::uint32_t, kLast> last_{};  // the last pretoken of those hashes
};

}  // namespace ctxpack::bpe
