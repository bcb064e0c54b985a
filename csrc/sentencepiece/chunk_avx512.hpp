// The characters of a chunk of text that is not mostly ASCII, to be cut into words with AVX-512.
#pragma once

#include "sentencepiece/characters_avx512.hpp"
#include "sentencepiece/joined_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::sentencepiece {

// Those that start in a chunk of text, and those around it, which decide at its edges.
struct Chunk {
    static constexpr std::size_t kAround = 16;  // bytes on either side, of three characters at least
    static constexpr unsigned kMostCharacters = Joined::kMost;
    static_assert(Splitter::kChunk / 2 + 2 * kAround + 2 * kLanes <= kMostCharacters);

    // Of `size` bytes from `p` on; a character where the text starts does not count. For each window in turn, `begin`
    // bytes after `from`, starts(window, here, begin) is a bit for each wanted character, where it starts, among the
    // bits `here`. All that stand around are wanted.
    template <class Starts>
    CTXPACK_AT_AVX512 CTXPACK_INLINE Chunk(Bytes p, std::size_t size, bool at_start, Starts& starts)
        : from(p - kAround) {
        const std::size_t bytes = size + 2 * kAround;
        for (std::size_t i = 0; i < bytes; i += kWindow) add(i, std::min(bytes - i, kWindow), starts);
        inside_begin = starts_among(from) + at_start;
        inside_end = count - starts_among(p + size);
    }
    // The bits of characters i on that do not stand around.
    std::uint64_t inside(unsigned i) const {
        const std::uint64_t before = i < inside_begin ? (std::uint64_t{1} << (inside_begin - i)) - 1 : 0;
        return i < inside_end
                   ? ~std::uint64_t{0} >> (Joined::kGroup - std::min(inside_end - i, Joined::kGroup)) & ~before
                   : 0;
    }
    // Writes where the `wanted` of 64 characters from i on start and returns how many they are. Writes 32, with
    // anything past the last, or 64 where there are more.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t write_by_32(unsigned i, std::uint64_t wanted, Bytes* to) const {
        const __m512i low = _mm512_loadu_si512(&places[i]), high = _mm512_loadu_si512(&places[i + kAtOnce]);
        const __m512i numbers = _mm512_maskz_compress_epi8(wanted, at(cpu::kIota.data(), 0));
        const auto written = static_cast<std::size_t>(std::popcount(wanted));
        write_some(low, high, _mm512_castsi512_si256(numbers), to);
        if (written > kAtOnce) write_some(low, high, _mm512_extracti64x4_epi64(numbers, 1), to + kAtOnce);
        return written;
    }

    Bytes from;
    unsigned count = 0;
    unsigned inside_begin, inside_end;  // between them those that do not stand around
    alignas(64) std::array<std::uint32_t, kMostCharacters> points;
    alignas(64) std::array<std::uint16_t, kMostCharacters> places;  // bytes after `from`

private:
    static constexpr std::size_t kAtOnce = 32;
    static_assert(kAtOnce <= Splitter::kSpare);

    // Writes where those of 64 characters start whose numbers are given: kAtOnce of them.
    CTXPACK_AT_AVX512 CTXPACK_INLINE void write_some(__m512i low, __m512i high, __m256i numbers, Bytes* to) const {
        const __m512i found = _mm512_permutex2var_epi16(low, _mm512_cvtepu8_epi16(numbers), high);
        write_part<0>(found, to);
        write_part<1>(found, to);
        write_part<2>(found, to);
        write_part<3>(found, to);
    }
    template <int kPart>
    CTXPACK_AT_AVX512 CTXPACK_INLINE void write_part(__m512i found, Bytes* to) const {
        const __m512i base = _mm512_set1_epi64(reinterpret_cast<long long>(from));
        const __m512i some = _mm512_cvtepu16_epi64(_mm512_extracti32x4_epi32(found, kPart));
        _mm512_storeu_si512(to + kPart * kAtOnce / 4, _mm512_add_epi64(base, some));
    }
    CTXPACK_AT_AVX512 static unsigned starts_among(Bytes p) {
        const __m512i bytes = _mm512_maskz_loadu_epi8((std::uint64_t{1} << kAround) - 1, p);
        return static_cast<unsigned>(std::popcount(leads(bytes) & ((std::uint64_t{1} << kAround) - 1)));
    }
    static constexpr std::size_t kWindow = Splitter::kWindow;

    template <class Starts>
    CTXPACK_AT_AVX512 CTXPACK_INLINE void add(std::size_t begin, std::size_t size, Starts& starts_at) {
        const std::uint64_t here = Splitter::wanted(size, false);
        const __m512i window = _mm512_maskz_loadu_epi8(here, from + begin);
        const __m512i after = _mm512_maskz_loadu_epi8(size == kWindow ? 0x7 : 0, from + begin + kWindow);
        const std::uint64_t starts = starts_at(window, here, begin);
        const __m512i found = _mm512_maskz_compress_epi8(starts, at(cpu::kIota.data(), 0));
        const auto added = static_cast<unsigned>(std::popcount(starts));
        add_points<0>(window, after, found);
        if (added > kLanes) add_points<1>(window, after, found);
        add_places(count, begin, _mm512_castsi512_si256(found));
        if (added > 2 * kLanes) [[unlikely]] {
            add_points<2>(window, after, found);
            add_points<3>(window, after, found);
            add_places(count + kAtOnce, begin, _mm512_extracti64x4_epi64(found, 1));
        }
        count += added;
    }
    // Adds sixteen characters of a window, those after the first kPart times sixteen.
    template <int kPart>
    CTXPACK_AT_AVX512 CTXPACK_INLINE void add_points(__m512i window, __m512i after, __m512i starts) {
        const __m512i some = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(starts, kPart));
        const unsigned i = count + kPart * kLanes;
        _mm512_storeu_si512(&points[i], points_at(window, after, some));
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE void add_places(unsigned i, std::size_t begin, __m256i starts) {
        const __m512i base = _mm512_set1_epi16(static_cast<short>(begin));
        _mm512_storeu_si512(&places[i], _mm512_add_epi16(base, _mm512_cvtepu8_epi16(starts)));
    }
};

}  // namespace ctxpack::sentencepiece

#endif
