// Where merges may cross a character boundary before both characters are whole.
//
// BPE may start from whole characters instead of bytes wherever no token that is not whole characters could lie across
// the boundary: then a character's bytes can only merge among themselves until it is complete. The filter holds, for
// every such token and every character boundary inside it, the bytes on both sides; it may say yes too often (it
// hashes, and it looks at two bytes a side at most), never too rarely.
#pragma once

#include <algorithm>
#include <bitset>

#include "bpe/piece.hpp"

namespace ctxpack::bpe {

class StraddleFilter {
public:
    // Notes the boundary at `middle` inside the token [begin, end).
    void add(Bytes begin, Bytes middle, Bytes end) {
        const unsigned left = reach(middle - begin), right = reach(end - middle);
        table(left, right).set(slot(middle, left, right));
        for (unsigned next = 0; next < 256; ++next) {
            if (right == 1 || next == middle[1]) near_.set(near_slot(middle[-1], middle[0], next));
        }
    }

    // Whether a token may lie across `middle`, somewhere in the text [begin, end) and not at its ends.
    bool may_straddle(Bytes begin, Bytes middle, Bytes end) const {
        if (!near_[near_slot(middle[-1], middle[0], end - middle > 1 ? middle[1] : 0)]) return false;
        for (unsigned left = 1; left <= reach(middle - begin); ++left) {
            for (unsigned right = 1; right <= reach(end - middle); ++right) {
                if (table(left, right)[slot(middle, left, right)]) return true;
            }
        }
        return false;
    }

private:
    using Table = std::bitset<65536>;

    static unsigned reach(std::ptrdiff_t bytes) { return static_cast<unsigned>(std::min<std::ptrdiff_t>(bytes, 2)); }

    static std::size_t slot(Bytes middle, unsigned left, unsigned right) {
        std::uint32_t context = middle[-1] | static_cast<std::uint32_t>(middle[0]) << 8;
        if (left == 2) context |= static_cast<std::uint32_t>(middle[-2]) << 16;
        if (right == 2) context |= static_cast<std::uint32_t>(middle[1]) << 24;
        return (context * 0x9E3779B1u) >> 16;
    }

    static std::size_t near_slot(unsigned left, unsigned right, unsigned next) {
        return (left << 8 ^ right << 4 ^ next) & 0xFFFF;
    }

    Table& table(unsigned left, unsigned right) { return tables_[(left - 1) * 2 + right - 1]; }
    const Table& table(unsigned left, unsigned right) const { return tables_[(left - 1) * 2 + right - 1]; }

    Table tables_[4];
    Table near_;  // asked first, because it mostly says no: one byte before the boundary and two behind it
};

}  // namespace ctxpack::bpe
