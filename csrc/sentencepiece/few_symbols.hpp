// The symbols of a short word while they merge: each stays at its place, and what became a part of the one before is a
// gap.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "sentencepiece/merges.hpp"

namespace ctxpack::sentencepiece {

class FewSymbols {
public:
    // Up to that many, looking at all of them is cheaper than keeping a queue.
    static constexpr unsigned kMost = 64;

    explicit FewSymbols(const Merges& merges) : merges_(merges) {}

    // Takes the symbols that a text of at least one byte starts as; false where they are too many.
    bool start(Bytes p, Bytes end) {
        const Bytes text = p;
        for (count_ = 0; p < end; ++count_) {
            if (count_ == kMost) return false;
            const Merges::Start found = merges_.start(p, end);
            symbols_[count_] = found.symbol;
            begins_[count_] = static_cast<std::uint32_t>(p - text);
            p += found.size;
        }
        return true;
    }

    // Merges them as far as that goes. O(symbols^2).
    void merge() {
        left_ = ~std::uint64_t{0} >> (kMost - count_);
        for (unsigned i = 0; i + 1 < count_; ++i) look_up(i, i + 1);
        keys_[count_ - 1] = kNever;
        for (std::uint32_t best; (best = lowest()) != kNever;) merge_next(best % kMost);
    }

    // Calls back with each that is left and the byte that it starts at.
    template <class Visit>
    void visit(Visit&& visit) const {
        for (std::uint64_t left = left_; left != 0; left &= left - 1) {
            const int at = std::countr_zero(left);
            visit(symbols_[at], begins_[at]);
        }
    }

private:
    static constexpr std::uint32_t kNever = 0xFFFFFFFF;

    std::uint32_t lowest() const {
        std::uint32_t best = kNever;
        for (std::uint64_t left = left_; left != 0; left &= left - 1)
            best = std::min(best, keys_[std::countr_zero(left)]);
        return best;
    }

    void look_up(unsigned at, unsigned next) {
        merged_[at] = merges_.merged(symbols_[at], symbols_[next]);
        keys_[at] = merged_[at] == kNoToken ? kNever : merges_.rank(merged_[at]) * kMost + at;
    }

    // Merges the symbol there with the next one.
    void merge_next(unsigned at) {
        const std::uint64_t after = left_ & ~std::uint64_t{1} << at, next = after & (after - 1);
        const std::uint64_t before = left_ & ((std::uint64_t{1} << at) - 1);
        left_ ^= after ^ next;
        symbols_[at] = merged_[at];
        keys_[at] = kNever;
        if (before != 0) look_up(static_cast<unsigned>(std::bit_width(before)) - 1, at);
        if (next != 0) look_up(at, static_cast<unsigned>(std::countr_zero(next)));
    }

    const Merges& merges_;
    unsigned count_;
    std::uint64_t left_;  // a bit for each that is no gap
    std::array<TokenId, kMost> symbols_;
    std::array<std::uint32_t, kMost> begins_;
    // What each and the next one make, and its rank with the place, lower ones first, or kNever.
    std::array<TokenId, kMost> merged_;
    std::array<std::uint32_t, kMost> keys_;
};

}  // namespace ctxpack::sentencepiece
