#include "sentencepiece/splitter.hpp"

#include <bit>

namespace ctxpack::sentencepiece {
namespace {

// Start of the character before `p`.
Bytes before(Bytes p) {
    do --p;
    while (unicode::is_continuation(*p));
    return p;
}

}  // namespace

Splitter::Splitter(const Pieces::Keys& segments) : joined_(std::size_t{1} << 16), pairs_(std::size_t{1} << kPairBits) {
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
        pairs_[pair(unicode::decode(before(right)).point, unicode::decode(right).point)] = true;
    }
}

// Looks at the characters where bytes alone say that no word starts, and one of the characters is not ASCII.
std::uint64_t Splitter::starts_by_character(Bytes p, std::uint64_t starts) const {
    std::uint64_t wanted = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const bool looks = (p[i] | (p - 1)[i]) >= 0x80 && !unicode::is_continuation(p[i]);
        wanted |= std::uint64_t{looks} << i;
    }
    std::uint64_t found = 0;
    for (wanted &= ~starts; wanted != 0; wanted &= wanted - 1) {
        const int i = std::countr_zero(wanted);
        const bool apart = !pairs_[pair(unicode::decode(before(p + i)).point, unicode::decode(p + i).point)];
        found |= std::uint64_t{apart} << i;
    }
    return found;
}

}  // namespace ctxpack::sentencepiece
