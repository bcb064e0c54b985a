// The pretokens of a text and, of Chinese or Japanese, the parts that they fall apart into. Where only a count is
// wanted, what is known to be a token by its length alone is counted at once.
//
// Chinese text has long pretokens, which seldom come again. Cut where no merge reaches across, it is single characters,
// of which counting knows the tokens, and short words that are soon known.
#pragma once

#include <algorithm>
#include <array>

#include "bpe/block.hpp"
#include "bpe/merges.hpp"

namespace ctxpack::bpe {

class Parts {
public:
    // Pretokens are cut where they may be. `multi_byte` may be null; where nothing may be left out, it is not used.
    Parts(const Merges& merges, split::BlockSplitter splitter, split::MultiByteSplitter multi_byte, bool leaves_out,
          bool may_cut)
        : merges_(merges),
          split_(splitter),
          split_multi_byte_(leaves_out ? multi_byte : nullptr),
          leaves_out_(leaves_out),
          cuts_(may_cut && merges.may_cut()),
          cut_(cut_for(cpu::best_level())) {}

    // Goes on with the text [p, end), when none are left of the one before.
    void turn_to(Bytes p, Bytes end) {
        next_ = p;
        end_ = end;
    }

    bool are_left() const { return next_ < end_ || p_ < stop_; }

    // Fills a block with the next ones. Returns the number of tokens that are left out of it, because they are bytes or
    // characters by themselves. Needs are_left().
    std::size_t take(Block& block) {
        if (p_ < stop_) return (this->*cut_)(block);
        if (split_multi_byte_ != nullptr && !unspaced_) {
            const Bytes p = next_;
            const std::size_t tokens = split_multi_byte(block);
            if (!cuts_ || !seem_unspaced(block)) return tokens;
            next_ = p;  // to be split again: what is cut must have all pretokens
        }
        block.filled = split_(next_, end_, block.starts.data());
        block.ends = &block.starts[1];
        unspaced_ = cuts_ && seem_unspaced(block);
        if (!unspaced_) return 0;
        begin(block);
        return (this->*cut_)(block);
    }

private:
    static constexpr std::size_t kRead = 8;  // ends that are read at once

    std::size_t split_multi_byte(Block& block) {
        const split::MultiByte found = split_multi_byte_(next_, end_, block.starts.data(), block.part_ends.data());
        block.filled = found.filled;
        block.ends = block.part_ends.data();
        return found.single_bytes;
    }

    // Whether pretokens are long, and one of a few ends with a character from U+3000 up to the last of Han that are
    // common. Said wrongly it costs time, nothing else.
    static bool seem_unspaced(const Block& block) {
        static constexpr std::size_t kStep = 16, kLong = 6;
        const auto bytes = static_cast<std::size_t>(block.starts[block.filled] - block.starts[0]);
        if (bytes < kLong * block.filled) return false;
        bool found = false;
        for (std::size_t i = block.filled; i > 2; i = i > kStep ? i - kStep : 0) {
            found |= block.starts[i][-3] >= 0xE3 && block.starts[i][-3] <= 0xE9;
        }
        return found;
    }

    void begin(const Block& block) {
        std::copy_n(block.ends, block.filled, ends_.data());
        std::fill_n(&ends_[block.filled], kRead, nullptr);
        ended_ = 0;
        p_ = start_ = block.starts[0];
        stop_ = block.ends[block.filled - 1];
    }

    // Fills a block with parts of the pretokens that were split last; returns as take() does.
    using Cut = std::size_t (Parts::*)(Block& block);
    static Cut cut_for(cpu::Level level);
    std::size_t cut_portable(Block& block);
#if defined(CTXPACK_X86_VECTORS)
    CTXPACK_AT_AVX512 std::size_t cut_avx512(Block& block);
    CTXPACK_AT_AVX512 std::uint64_t ends_up_to(Bytes p, std::size_t size);
#endif

    const Merges& merges_;
    split::BlockSplitter split_;
    split::MultiByteSplitter split_multi_byte_;
    bool leaves_out_;
    bool cuts_;
    Cut cut_;
    bool unspaced_ = false;                 // whether what was split last seemed so
    Bytes next_ = nullptr, end_ = nullptr;  // of the text: what is split next, and its end
    // Of the pretokens that are being cut: where they end, and how many of them have.
    std::array<Bytes, split::kStarts + kRead> ends_;
    std::size_t ended_ = 0;
    Bytes p_ = nullptr, stop_ = nullptr;  // what is looked at next, and where the last one ends
    Bytes start_ = nullptr;               // of the part that p_ is in, or p_
};

}  // namespace ctxpack::bpe
