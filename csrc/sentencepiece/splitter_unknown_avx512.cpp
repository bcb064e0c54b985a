#include "sentencepiece/chunk_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>

namespace ctxpack::sentencepiece {
namespace {

constexpr std::size_t kGroups = Joined::kMost / Joined::kGroup;
constexpr std::size_t kBytes = UnknownPages::kBytes;

// Which bytes of a window begin a character of an unknown page; `second` are the bytes after each.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t unknown_starts(const UnknownPages& unknown, __m512i window,
                                                              __m512i second) {
    const __m512i low = _mm512_load_si512(unknown.pages().data()),
                  high = _mm512_load_si512(unknown.pages().data() + Splitter::kWindow);
    const __m512i bits = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));
    const __m512i half = _mm512_slli_epi16(_mm512_and_si512(window, _mm512_set1_epi8(8)), 3);
    const __m512i place = _mm512_or_si512(_mm512_and_si512(second, _mm512_set1_epi8(0x3F)), half);
    const __m512i page = _mm512_permutex2var_epi8(low, place, high);
    const __m512i bit = _mm512_shuffle_epi8(bits, _mm512_and_si512(window, _mm512_set1_epi8(7)));
    const __m512i kind = _mm512_and_si512(window, _mm512_set1_epi8(static_cast<char>(0xF0)));
    return _mm512_mask_test_epi8_mask(_mm512_cmpeq_epi8_mask(kind, _mm512_set1_epi8(static_cast<char>(0xE0))), page,
                                      bit);
}

// Where characters start in a chunk, window after window: all of them, but of a run of unknown ones only the first.
// Kept are also the first and the last character of the chunk, and the second one of the text: the word that lies at
// such an edge ends where the next one starts, and would else be all of the run, which is hardly met twice.
class RunStarts {
public:
    // See Chunk.
    RunStarts(const UnknownPages& pages, Bytes p, std::size_t size, bool at_start)
        : pages_(pages),
          from_(p - Chunk::kAround),
          skip_begin_(Chunk::kAround + kBytes + (at_start ? kBytes : 0)),
          skip_end_(Chunk::kAround + size - kBytes) {}

    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t operator()(__m512i window, std::uint64_t here, std::size_t begin) {
        const __m512i second = _mm512_maskz_loadu_epi8(here, from_ + begin + 1);
        const std::uint64_t unknown = unknown_starts(pages_, window, second);
        const std::uint64_t again = unknown & (unknown << kBytes | before_ >> (Splitter::kWindow - kBytes));
        before_ = unknown;
        const std::uint64_t skipped = again & may_skip(begin), starts = leads(window) & here & ~skipped;
        skipped_ |= skipped;
        append(_pext_u64(unknown, starts), static_cast<unsigned>(std::popcount(starts)));
        return starts;
    }

    bool any_skipped() const { return skipped_ != 0; }
    // Of each 64 characters, which are unknown.
    std::uint64_t unknown(unsigned group) const { return unknown_[group]; }

private:
    // The bytes of a window where a character that may be left out can start.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t may_skip(std::size_t begin) const {
        const std::size_t end = std::min(std::max(skip_end_, begin) - begin, Splitter::kWindow);
        const std::uint64_t bits = cpu::first_bits(end);
        return begin == 0 ? bits & ~std::uint64_t{0} << skip_begin_ : bits;
    }
    static_assert((Splitter::kChunk / 2 + 2 * Chunk::kAround) / Joined::kGroup < kGroups);
    void append(std::uint64_t bits, unsigned count) {
        const unsigned group = count_ / Joined::kGroup, up = count_ % Joined::kGroup;
        unknown_[group] |= bits << up;
        unknown_[group + 1] = bits >> 1 >> (Joined::kGroup - 1 - up);
        count_ += count;
    }

    const UnknownPages& pages_;
    Bytes from_;
    std::size_t skip_begin_, skip_end_;  // bytes after from_
    std::uint64_t before_ = 0, skipped_ = 0;
    unsigned count_ = 0;
    std::array<std::uint64_t, kGroups + 1> unknown_{};
};

// Words of a group of 64 characters: how many are before them, and which are an unknown character.
struct GroupWords {
    std::size_t before;
    std::uint64_t unknown;
};

// A word ends where the next one starts; but one that is an unknown character ends with that.
void write_ends(const Bytes* starts, std::size_t found, std::span<const GroupWords> groups, Bytes* ends) {
    std::copy_n(starts, found, ends);
    for (const GroupWords& group : groups) {
        for (std::uint64_t bits = group.unknown; bits != 0; bits &= bits - 1) {
            const std::size_t i = group.before + static_cast<std::size_t>(std::countr_zero(bits));
            ends[i + 1] = starts[i] + kBytes;
        }
    }
}

}  // namespace

CTXPACK_AT_AVX512 Splitter::SkippedUnknown Splitter::starts_skipping_unknown_avx512(Bytes p, std::size_t size,
                                                                                    bool at_start, Bytes* starts,
                                                                                    Bytes* ends) const {
    if (!is_mostly_non_ascii(p, size)) return {starts_by_windows_avx512(p, size, at_start, starts), false};
    RunStarts runs(unknown_pages_, p, size, at_start);
    const Chunk chunk(p, size, at_start, runs);
    const Joined joined(neighbours_, chunk.points.data(), chunk.count);
    std::array<GroupWords, kGroups> groups;
    std::size_t found = 0, group = 0;
    std::uint64_t before = 0;
    for (unsigned i = 0; i < chunk.inside_end; i += Joined::kGroup, ++group) {
        // These start words, whatever hashes say of them.
        const std::uint64_t unknown = runs.unknown(i / Joined::kGroup), edges = unknown | unknown << 1 | before;
        const std::uint64_t words = (joined.word_starts(i / Joined::kGroup) | edges) & chunk.inside(i);
        before = unknown >> (Joined::kGroup - 1);
        groups[group] = {found, _pext_u64(unknown, words)};
        found += chunk.write_by_32(i, words, starts + found);
    }
    if (runs.any_skipped()) write_ends(starts, found, std::span(groups).first(group), ends);
    return {found, runs.any_skipped()};
}

}  // namespace ctxpack::sentencepiece

#endif
