#include "sentencepiece/neighbours_avx512.hpp"
#include "sentencepiece/splitter_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::sentencepiece {

// The characters that start among some bytes, which are not mostly ASCII, and some around them.
struct Splitter::Chunk {
    static constexpr std::size_t kAround = 16;  // bytes on either side, of three characters at least
    static constexpr unsigned kMostCharacters = Joined::kMost;
    static_assert(kMost / 2 + 2 * kAround + 2 * kLanes <= kMostCharacters);

    // Without the first one if it is that of the text.
    CTXPACK_AT_AVX512 Chunk(Bytes p, std::size_t size, bool is_first) : from(p - kAround) {
        const std::size_t bytes = size + 2 * kAround;
        for (std::size_t i = 0; i < bytes; i += kBlock) add(i, std::min(bytes - i, kBlock));
        first = starts_among(from) + is_first;
        last = count - starts_among(p + size);
    }
    // The bits of characters i on that do not stand around.
    std::uint64_t inside(unsigned i) const {
        const std::uint64_t before = i < first ? (std::uint64_t{1} << (first - i)) - 1 : 0;
        return i < last ? ~std::uint64_t{0} >> (Joined::kWord - std::min(last - i, Joined::kWord)) & ~before : 0;
    }
    // Writes where the `wanted` of 64 characters from i on start and returns how many they are. Writes 32, with
    // anything behind the last, or 64 where there are more.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t write_by_32(unsigned i, std::uint64_t wanted, Bytes* to) const {
        const __m512i low = _mm512_loadu_si512(&places[i]), high = _mm512_loadu_si512(&places[i + kAtOnce]);
        const __m512i numbers = _mm512_maskz_compress_epi8(wanted, at(kPlaces.data(), 0));
        const auto count = static_cast<std::size_t>(std::popcount(wanted));
        write_some(low, high, _mm512_castsi512_si256(numbers), to);
        if (count > kAtOnce) write_some(low, high, _mm512_extracti64x4_epi64(numbers, 1), to + kAtOnce);
        return count;
    }

    Bytes from;
    unsigned count = 0;
    unsigned first;  // of those that do not stand around
    unsigned last;   // behind these
    alignas(64) std::array<std::uint32_t, kMostCharacters> points;
    alignas(64) std::array<std::uint16_t, kMostCharacters> places;  // bytes behind `from`

private:
    static constexpr std::size_t kAtOnce = 32;
    static_assert(kAtOnce <= kSpare);

    // Of 64 characters, those of up to kAtOnce numbers.
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
    CTXPACK_AT_AVX512 CTXPACK_INLINE void add(std::size_t begin, std::size_t size) {
        const std::uint64_t here = wanted(size, false);
        const __m512i block = _mm512_maskz_loadu_epi8(here, from + begin);
        const __m512i behind = _mm512_maskz_loadu_epi8(size == kBlock ? 0x7 : 0, from + begin + kBlock);
        const std::uint64_t starts = leads(block) & here;
        const __m512i found = _mm512_maskz_compress_epi8(starts, at(kPlaces.data(), 0));
        const auto added = static_cast<unsigned>(std::popcount(starts));
        add_points<0>(block, behind, found);
        add_points<1>(block, behind, found);
        add_places(count, begin, _mm512_castsi512_si256(found));
        if (added > 2 * kLanes) [[unlikely]] {
            add_points<2>(block, behind, found);
            add_points<3>(block, behind, found);
            add_places(count + kAtOnce, begin, _mm512_extracti64x4_epi64(found, 1));
        }
        count += added;
    }
    // Sixteen of the characters of a block, of which so many sixteens are before these.
    template <int kPart>
    CTXPACK_AT_AVX512 CTXPACK_INLINE void add_points(__m512i block, __m512i behind, __m512i starts) {
        const __m512i first = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(starts, kPart));
        const unsigned i = count + kPart * kLanes;
        _mm512_storeu_si512(&points[i], points_at(block, behind, first));
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE void add_places(unsigned i, std::size_t begin, __m256i starts) {
        const __m512i base = _mm512_set1_epi16(static_cast<short>(begin));
        _mm512_storeu_si512(&places[i], _mm512_add_epi16(base, _mm512_cvtepu8_epi16(starts)));
    }
};

CTXPACK_AT_AVX512 std::size_t Splitter::wide_starts_avx512(Bytes p, std::size_t size, bool first, Bytes* to) const {
    const Chunk chunk(p, size, first);
    const Joined joined(neighbours_, chunk.points.data(), chunk.count);
    std::size_t found = 0;
    for (unsigned i = 0; i < chunk.last; i += Joined::kWord) {
        found += chunk.write_by_32(i, joined.apart(i / Joined::kWord) & chunk.inside(i), to + found);
    }
    return found;
}

CTXPACK_AT_AVX512 Splitter::Cut Splitter::wide_cut_avx512(Bytes p, std::size_t size, bool first, Bytes* starts,
                                                          Bytes* ends) const {
    const Chunk chunk(p, size, first);
    const Joined joined(neighbours_, chunk.points.data(), chunk.count);
    Cut found{0, 0};
    std::size_t ended = 0;
    std::uint64_t lone_before = 0, apart = joined.apart(0) & chunk.inside(0);
    for (unsigned i = 0; i < chunk.last; i += Joined::kWord) {
        const unsigned behind = i + Joined::kWord;
        const std::uint64_t next =
            behind < chunk.last ? joined.apart(behind / Joined::kWord) & chunk.inside(behind) : 0;
        const Single single = singles_avx512(&chunk.points[i]);
        const std::uint64_t lone = apart & (apart >> 1 | next << (Joined::kWord - 1)) & single.may_be;
        found.lone_tokens +=
            static_cast<std::size_t>(std::popcount(lone & single.is) + 3 * std::popcount(lone & ~single.is));
        ended += chunk.write_by_32(i, apart & ~(lone << 1 | lone_before), ends + ended);
        found.words += chunk.write_by_32(i, apart & ~lone, starts + found.words);
        lone_before = lone >> (Joined::kWord - 1);
        apart = next;
    }
    return found;
}

// Which of 64 characters have one or three bytes, and which of them are one token by themselves.
CTXPACK_AT_AVX512 Splitter::Single Splitter::singles_avx512(const std::uint32_t* points) const {
    Single found{0, 0};
    const __m512i odd = _mm512_set1_epi32(odd_), two = _mm512_set1_epi32(0x80), three = _mm512_set1_epi32(0x800);
    const __m512i four = _mm512_set1_epi32(kPoints);
    for (unsigned i = 0; i < Joined::kWord; i += kLanes) {
        const __m512i some = _mm512_load_si512(points + i);
        const std::uint64_t one = _mm512_mask_cmpneq_epu32_mask(_mm512_cmplt_epu32_mask(some, two), some, odd);
        const std::uint64_t wide = _mm512_mask_cmplt_epu32_mask(_mm512_cmpge_epu32_mask(some, three), some, four);
        const __m512i places = _mm512_and_si512(some, _mm512_set1_epi32(kPoints - 1));
        found.may_be |= (one | wide) << i;
        found.is |= bits_at(characters_, places, kLanes) << i;
    }
    return found;
}

}  // namespace ctxpack::sentencepiece

#endif
