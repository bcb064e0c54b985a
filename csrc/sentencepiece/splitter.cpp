#include "sentencepiece/splitter.hpp"

#include <bit>

namespace ctxpack::sentencepiece {

Splitter::Splitter(const Pieces::Keys& segments, cpu::Level level)
    : joined_(std::size_t{1} << 16), pairs_((std::size_t{1} << kPairBits) / 32) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) mixed_starts_ = &Splitter::mixed_starts_avx512;
#endif
    (void)level;
    for (std::size_t bytes = 0; bytes < joined_.size(); ++bytes) {
        joined_[bytes] = unicode::is_continuation(static_cast<std::uint8_t>(bytes >> 8));
    }
    for (const auto& [text, id] : segments) {
        const auto* const p = reinterpret_cast<Bytes>(text.data());
        join(p, p + text.size());
    }
}

void Splitter::join(Bytes p, Bytes end) {
    for (Bytes right = p + unicode::sequence_length(*p); right < end; right += unicode::sequence_length(*right)) {
        joined_[both(right)] = 1;
        const std::uint32_t bit = pair(point_before(right), unicode::decode(right).point);
        pairs_[bit / 32] |= std::uint32_t{1} << bit % 32;
    }
}

// The character before the one at `p`.
std::uint32_t Splitter::point_before(Bytes p) {
    do --p;
    while (unicode::is_continuation(*p));
    return unicode::decode(p).point;
}

bool Splitter::apart(Bytes p) const {
    const std::uint32_t bit = pair(point_before(p), unicode::decode(p).point);
    return (pairs_[bit / 32] >> bit % 32 & 1) == 0;
}

// Looks at the characters where bytes alone say that no word starts, and one of the characters is not ASCII.
std::uint64_t Splitter::mixed_starts(Bytes p) const {
    std::uint64_t wanted = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const bool looks = (p[i] | (p - 1)[i]) >= 0x80 && !unicode::is_continuation(p[i]);
        wanted |= std::uint64_t{looks} << i;
    }
    std::uint64_t found = ascii_starts(p);
    for (wanted &= ~found; wanted != 0; wanted &= wanted - 1) {
        const int i = std::countr_zero(wanted);
        found |= std::uint64_t{apart(p + i)} << i;
    }
    return found;
}

}  // namespace ctxpack::sentencepiece
