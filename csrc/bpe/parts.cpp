#include "bpe/parts.hpp"

#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

Parts::Cut Parts::cut_for([[maybe_unused]] cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return &Parts::cut_avx512;
#endif
    return &Parts::cut_portable;
}

// Character by character, without a branch for what they are: where parts end could not be predicted.
std::size_t Parts::cut_portable(Block& block) {
    const Cuts& cuts = merges_.cuts();
    const StraddleFilter& straddle = merges_.straddle();
    Bytes p = p_, start = start_;
    std::size_t filled = 0, tokens = 0, ended = ended_;
    unicode::Character at = unicode::decode(p);
    while (filled < split::kBlock && p < stop_) {
        const Bytes next = p + at.length;
        const bool is_last = next == end_;
        const unicode::Character following = is_last ? unicode::Character{0, 0} : unicode::decode(next);
        const bool ends_pretoken = next == ends_[ended];
        ended += ends_pretoken;
        const bool non_ascii = (at.point | following.point) >= Cuts::kAscii;
        const bool joined = cuts.may_be_joined(at.point, following.point);
        const bool is_end = is_last || ends_pretoken | (non_ascii & !joined & !straddle.may_straddle(next, end_));
        const bool may_be_lone = leaves_out_ && at.point < Cuts::kPoints;
        const unsigned alone = may_be_lone ? cuts.alone()[at.point] : 0;
        const bool lone = is_end & (start == p) & (alone != 0);
        tokens += lone ? alone : 0;
        block.starts[filled] = start;
        block.part_ends[filled] = next;
        filled += is_end & !lone;
        start = is_end ? next : start;
        p = next;
        at = following;
    }
    block.filled = filled;
    block.ends = block.part_ends.data();
    ended_ = ended;
    start_ = start;
    p_ = p;
    return tokens;
}

}  // namespace ctxpack::bpe
