#include "sentencepiece/chunk_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::sentencepiece {
namespace {

constexpr struct {
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t operator()(__m512i window, std::uint64_t here, std::size_t) const {
        return leads(window) & here;
    }
} kAllStarts;

}  // namespace

CTXPACK_AT_AVX512 std::size_t Splitter::starts_by_chunk_avx512(Bytes p, std::size_t size, bool at_start,
                                                               Bytes* to) const {
    const Chunk chunk(p, size, at_start, kAllStarts);
    const Joined joined(neighbours_, chunk.points.data(), chunk.count);
    std::size_t found = 0;
    for (unsigned i = 0; i < chunk.inside_end; i += Joined::kGroup) {
        found += chunk.write_by_32(i, joined.word_starts(i / Joined::kGroup) & chunk.inside(i), to + found);
    }
    return found;
}

CTXPACK_AT_AVX512 Splitter::SkippedLone Splitter::skipping_lone_by_chunk_avx512(Bytes p, std::size_t size,
                                                                                bool at_start, Bytes* starts,
                                                                                Bytes* ends) const {
    const Chunk chunk(p, size, at_start, kAllStarts);
    const Joined joined(neighbours_, chunk.points.data(), chunk.count);
    SkippedLone found{0, 0};
    std::size_t ended = 0;
    std::uint64_t lone_before = 0, words = joined.word_starts(0) & chunk.inside(0);
    for (unsigned i = 0; i < chunk.inside_end; i += Joined::kGroup) {
        const unsigned after = i + Joined::kGroup;
        const std::uint64_t next =
            after < chunk.inside_end ? joined.word_starts(after / Joined::kGroup) & chunk.inside(after) : 0;
        const LoneCandidates candidates = lone_candidates_avx512(&chunk.points[i]);
        const std::uint64_t lone = words & (words >> 1 | next << (Joined::kGroup - 1)) & candidates.all;
        found.lone_tokens += static_cast<std::size_t>(std::popcount(lone & candidates.single) +
                                                      3 * std::popcount(lone & ~candidates.single));
        ended += chunk.write_by_32(i, words & ~(lone << 1 | lone_before), ends + ended);
        found.words += chunk.write_by_32(i, words & ~lone, starts + found.words);
        lone_before = lone >> (Joined::kGroup - 1);
        words = next;
    }
    return found;
}

// Which of 64 characters have one or three bytes, and which are one token by themselves.
CTXPACK_AT_AVX512 Splitter::LoneCandidates Splitter::lone_candidates_avx512(const std::uint32_t* points) const {
    LoneCandidates found{0, 0};
    const __m512i odd = cpu::broadcast(odd_), two = cpu::broadcast(0x80), three = cpu::broadcast(0x800);
    const __m512i four = cpu::broadcast(kPoints);
    for (unsigned i = 0; i < Joined::kGroup; i += kLanes) {
        const __m512i some = _mm512_load_si512(points + i);
        const std::uint64_t one = _mm512_mask_cmpneq_epu32_mask(_mm512_cmplt_epu32_mask(some, two), some, odd);
        const std::uint64_t three_bytes =
            _mm512_mask_cmplt_epu32_mask(_mm512_cmpge_epu32_mask(some, three), some, four);
        const __m512i places = _mm512_and_si512(some, cpu::broadcast(kPoints - 1));
        found.all |= (one | three_bytes) << i;
        found.single |= bits_at(characters_, places, kLanes) << i;
    }
    return found;
}

}  // namespace ctxpack::sentencepiece

#endif
