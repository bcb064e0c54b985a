#include "sentencepiece/splitter.hpp"

#include <algorithm>
#include <bit>

namespace ctxpack::sentencepiece {

Splitter::Splitter(const Pieces::Keys& segments)
    : joined_(std::size_t{1} << 16), neighbours_(segments, cpu::best_level() == cpu::Level::avx512) {
    for (std::size_t bytes = 0; bytes < joined_.size(); ++bytes) {
        joined_[bytes] = unicode::is_continuation(static_cast<std::uint8_t>(bytes >> 8));
    }
    for (const auto& [text, id] : segments) join(bytes(text), bytes(text) + text.size());
#if defined(CTXPACK_X86_VECTORS)
    if (cpu::best_level() == cpu::Level::avx512) use_avx512(segments);
#endif
}

#if defined(CTXPACK_X86_VECTORS)
void Splitter::use_avx512(const Pieces::Keys& segments) {
    starts_ = &Splitter::starts_avx512;
    starts_skipping_lone_ = &Splitter::starts_skipping_lone_avx512;
    starts_skipping_unknown_ = &Splitter::starts_skipping_unknown_avx512;
    unknown_pages_ = UnknownPages(segments);
    characters_.resize(kPoints / 32);
    for (const auto& [text, id] : segments) {
        add_character(bytes(text), text.size());
        if (text == " ") odd_ = kInNoText;
    }
    std::fill_n(characters_.begin(), kAscii / 32, 0xFFFFFFFF);  // a byte, at least
    fill_rows();
}

void Splitter::add_character(Bytes p, std::size_t size) {
    const unicode::Character character = unicode::decode(p);
    if (character.length != size || character.point >= kPoints) return;
    characters_[character.point / 32] |= std::uint32_t{1} << character.point % 32;
}

void Splitter::fill_rows() {
    for (std::size_t right = 0; right < kAscii; ++right) {
        for (std::size_t left = 0; left < kAscii; ++left) {
            rows_[right / 8 * kAscii + left] |= static_cast<std::uint8_t>(joined_[right << 8 | left] << right % 8);
        }
    }
}
#endif

void Splitter::join(Bytes p, Bytes end) {
    for (Bytes right = p + unicode::sequence_length(*p); right < end; right += unicode::sequence_length(*right)) {
        joined_[both(right)] = 1;
    }
}

// The character before the one at `p`.
std::uint32_t Splitter::point_before(Bytes p) {
    do --p;
    while (unicode::is_continuation(*p));
    return unicode::decode(p).point;
}

bool Splitter::starts_word(Bytes p) const {
    return neighbours_.of_pair(point_before(p), unicode::decode(p).point) == 0;
}

std::size_t Splitter::starts_portable(Bytes p, std::size_t size, bool at_start, Bytes* to) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < size; i += kWindow) {
        found += window_starts(p + i, wanted(size - i, at_start && i == 0), to + found);
    }
    return found;
}

// Writes a few places at a time, needed or not: a branch for each could not be predicted.
std::size_t Splitter::window_starts(Bytes p, std::uint64_t wanted, Bytes* to) const {
    std::uint64_t found = (has_non_ascii(p) ? mixed_starts(p) : ascii_starts(p)) & wanted;
    const auto count = static_cast<std::size_t>(std::popcount(found));
    constexpr std::size_t kAtOnce = 8;
    for (std::size_t i = 0; i < count; i += kAtOnce) {
        for (std::size_t k = i; k < i + kAtOnce; ++k, found &= found - 1) to[k] = p + std::countr_zero(found);
    }
    return count;
}

// Where less than half is ASCII, characters are taken one by one. Else bytes tell, and only those characters are looked
// up for which they cannot: where two bytes stand in a piece, one of them not ASCII.
std::uint64_t Splitter::mixed_starts(Bytes p) const {
    if (2 * count_non_ascii(p) > kWindow) return starts_by_characters(p);
    std::uint64_t wanted = 0;
    for (std::size_t i = 0; i < kWindow; ++i) {
        const bool wants = (p[i] | (p - 1)[i]) >= 0x80 && !unicode::is_continuation(p[i]);
        wanted |= std::uint64_t{wants} << i;
    }
    std::uint64_t found = ascii_starts(p);
    for (wanted &= ~found; wanted != 0; wanted &= wanted - 1) {
        const int i = std::countr_zero(wanted);
        found |= std::uint64_t{starts_word(p + i)} << i;
    }
    return found;
}

std::uint64_t Splitter::starts_by_characters(Bytes p) const {
    std::size_t i = 0;
    while (unicode::is_continuation(p[i])) ++i;
    std::uint32_t before = point_before(p + i);
    std::uint64_t found = 0;
    while (i < kWindow) {
        const unicode::Character at = unicode::decode(p + i);
        const bool non_ascii = (before | at.point) >= kAscii;
        const bool joined = non_ascii ? neighbours_.of_pair(before, at.point) != 0 : joined_[both(p + i)] != 0;
        found |= std::uint64_t{!joined} << i;
        before = at.point;
        i += at.length;
    }
    return found;
}

}  // namespace ctxpack::sentencepiece
