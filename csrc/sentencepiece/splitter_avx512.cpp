#include "sentencepiece/splitter.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <bit>
#include <cstring>

#include "sentencepiece/characters_avx512.hpp"

namespace ctxpack::sentencepiece {
namespace {

constexpr int kMostlyNonAscii = 32;  // a window of fewer characters

alignas(64) constexpr auto kBits = [] {
    WindowBytes bits{};
    for (unsigned i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::uint8_t>(1 << i % 8);
    return bits;
}();

// The character before the one at `p`, without a branch.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint32_t before(Bytes p) {
    // By how many bytes a character has beyond one.
    constexpr std::uint32_t kBitsOf[] = {0x7F, 0x1F3F, 0x0F3F3F, 0x073F3F3F};
    std::uint32_t bytes;
    std::memcpy(&bytes, p - sizeof bytes, sizeof bytes);
    bytes = __builtin_bswap32(bytes);
    const std::uint32_t begins = ~(bytes & ~(bytes << 1)) & 0x80808080;
    return _pext_u32(bytes, kBitsOf[std::countr_zero(begins) / 8]);
}

// The row of line feeds and tabs. Other control characters are rare.
constexpr char kWhiteSpaceRow = '\n' / 8;

// For the bytes that are in row `i`, what that row has for the bytes to their left; else zero.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i in_row(const std::uint8_t* rows, std::size_t i, __m512i row, __m512i left) {
    const std::uint8_t* const bytes = rows + i * 2 * Splitter::kWindow;
    const __mmask64 here = _mm512_cmpeq_epi8_mask(row, _mm512_set1_epi8(static_cast<char>(i)));
    return _mm512_maskz_permutex2var_epi8(here, at(bytes, 0), left, at(bytes, Splitter::kWindow));
}

// Writes p + each of sixteen numbers.
CTXPACK_AT_AVX512 CTXPACK_INLINE void write_sixteen(__m128i numbers, Bytes p, Bytes* to) {
    const __m512i base = _mm512_set1_epi64(reinterpret_cast<long long>(p));
    const __m512i low = _mm512_cvtepu8_epi64(numbers);
    const __m512i high = _mm512_cvtepu8_epi64(_mm_unpackhi_epi64(numbers, numbers));
    _mm512_storeu_si512(to, _mm512_add_epi64(base, low));
    _mm512_storeu_si512(to + kLanes / 2, _mm512_add_epi64(base, high));
}

// Writes p + i for every bit i; returns how many they are. Always writes 32 places, or 64 where there are more: what is
// past the last means nothing, but a branch for each could not be predicted.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t write_by_32(std::uint64_t bits, Bytes p, Bytes* to) {
    static_assert(2 * kLanes <= Splitter::kSpare);
    const __m512i places = _mm512_maskz_compress_epi8(bits, at(cpu::kIota.data(), 0));
    const auto count = static_cast<std::size_t>(std::popcount(bits));
    write_sixteen(_mm512_castsi512_si128(places), p, to);
    write_sixteen(_mm512_extracti32x4_epi32(places, 1), p, to + kLanes);
    if (count > 2 * kLanes) {
        write_sixteen(_mm512_extracti32x4_epi32(places, 2), p, to + 2 * kLanes);
        write_sixteen(_mm512_extracti32x4_epi32(places, 3), p, to + 3 * kLanes);
    }
    return count;
}

}  // namespace

// The code points of the characters that start at some places of a window, one at least, and of the one before them.
struct Splitter::Points {
    CTXPACK_AT_AVX512 Points(Bytes p, std::uint64_t starts)
        : count(static_cast<unsigned>(std::popcount(starts))),
          before(sentencepiece::before(p + std::countr_zero(starts))) {
        alignas(64) WindowBytes places;
        _mm512_store_si512(places.data(), _mm512_maskz_compress_epi8(starts, sentencepiece::at(cpu::kIota.data(), 0)));
        const __m512i window = sentencepiece::at(p, 0), after = _mm512_maskz_loadu_epi8(0x7, p + kWindow);
        for (unsigned i = 0; i < count; i += kLanes) {
            const __m128i some = _mm_load_si128(reinterpret_cast<const __m128i*>(&places[i]));
            _mm512_store_si512(&points[i], points_at(window, after, _mm512_cvtepu8_epi32(some)));
        }
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i at(unsigned i) const { return _mm512_load_si512(&points[i]); }
    // One for each of them.
    std::uint64_t bits() const { return ~std::uint64_t{0} >> (kWindow - count); }

    unsigned count;
    std::uint32_t before;
    alignas(64) std::array<std::uint32_t, kWindow> points;
};

// Where words start among ASCII characters. At other characters, and right after them, the bits mean nothing.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t Splitter::ascii_starts_avx512(Bytes p) const {
    const __m512i left = at(p - 1, 0), right = at(p, 0);
    const __m512i row = _mm512_and_si512(_mm512_srli_epi16(right, 3), _mm512_set1_epi8(0x1F));
    const std::uint8_t* const rows = rows_.data();
    __m512i joined = in_row(rows, kWhiteSpaceRow, row, left);
    for (std::size_t i = ' ' / 8; i < kAscii / 8; ++i) joined = _mm512_or_si512(joined, in_row(rows, i, row, left));
    const std::uint64_t controls = _mm512_cmplt_epu8_mask(right, _mm512_set1_epi8(' '));
    if ((controls & ~_mm512_cmpeq_epi8_mask(row, _mm512_set1_epi8(kWhiteSpaceRow))) != 0) [[unlikely]] {
        for (std::size_t i = 0; i < ' ' / 8; ++i) joined = _mm512_or_si512(joined, in_row(rows, i, row, left));
    }
    return _mm512_testn_epi8_mask(joined, _mm512_shuffle_epi8(at(kBits.data(), 0), right));
}

CTXPACK_AT_AVX512 std::size_t Splitter::starts_avx512(Bytes p, std::size_t size, bool at_start, Bytes* to) const {
    return is_mostly_non_ascii(p, size) ? starts_by_chunk_avx512(p, size, at_start, to)
                                        : starts_by_windows_avx512(p, size, at_start, to);
}

CTXPACK_AT_AVX512 std::size_t Splitter::starts_by_windows_avx512(Bytes p, std::size_t size, bool at_start,
                                                                 Bytes* to) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < size; i += kWindow) {
        found += window_starts_avx512(p + i, wanted(size - i, at_start && i == 0), to + found);
    }
    return found;
}

CTXPACK_AT_AVX512 std::size_t Splitter::window_starts_avx512(Bytes p, std::uint64_t wanted, Bytes* to) const {
    const __m512i left = at(p - 1, 0), right = at(p, 0);
    const std::uint64_t other = _mm512_movepi8_mask(right), mixed = other | _mm512_movepi8_mask(left);
    const std::uint64_t characters = leads(right);
    // Where few are ASCII, these are looked at like the others.
    if (std::popcount(characters) < kMostlyNonAscii)
        return write_by_32(mixed_starts_avx512(p, characters) & wanted, p, to);
    std::uint64_t found = ascii_starts_avx512(p);
    if (mixed != 0) {
        const std::uint64_t leads = mixed & characters;
        found = (found & ~mixed) | (mixed_starts_avx512(p, leads | (leads >> 1 & ~other)) & leads);
    }
    return write_by_32(found & wanted, p, to);
}

// Which of the characters at some places start a word, each taken with the one at the place before; the first, with the
// one before it in the text. Not inlined, because text of ASCII alone does without it.
CTXPACK_AT_AVX512 __attribute__((noinline)) std::uint64_t Splitter::mixed_starts_avx512(
    Bytes p, std::uint64_t characters) const {
    return _pdep_u64(word_starts_avx512(Points(p, characters)), characters);
}

CTXPACK_AT_AVX512 Splitter::SkippedLone Splitter::starts_skipping_lone_avx512(Bytes p, std::size_t size, bool at_start,
                                                                              Bytes* starts, Bytes* ends) const {
    if (is_mostly_non_ascii(p, size)) return skipping_lone_by_chunk_avx512(p, size, at_start, starts, ends);
    SkippedLone found{0, 0};
    for (std::size_t i = 0; i < size; i += kWindow) {
        const std::uint64_t here = wanted(size - i, at_start && i == 0);
        const SkippedLone next = skipping_lone_in_window_avx512(p + i, here, starts + found.words, ends + found.words);
        found.words += next.words;
        found.lone_tokens += next.lone_tokens;
    }
    return found;
}

CTXPACK_AT_AVX512 Splitter::SkippedLone Splitter::skipping_lone_in_window_avx512(Bytes p, std::uint64_t wanted,
                                                                                 Bytes* starts, Bytes* ends) const {
    const __m512i window = at(p, 0);
    const std::uint64_t odd = _mm512_cmpeq_epi8_mask(window, _mm512_set1_epi8(static_cast<char>(odd_)));
    const std::uint64_t mixed = _mm512_movepi8_mask(_mm512_or_si512(window, at(p - 1, 0)));
    if (mixed != 0) return skipping_lone_in_mixed_avx512(p, wanted, odd, starts, ends);
    // The last one's end is not in the window.
    const std::uint64_t words = ascii_starts_avx512(p) & wanted, lone = words & words >> 1 & ~odd;
    write_by_32(words & ~(lone << 1), p, ends);
    return {write_by_32(words & ~lone, p, starts), static_cast<std::size_t>(std::popcount(lone))};
}

CTXPACK_AT_AVX512 Splitter::SkippedLone Splitter::skipping_lone_in_mixed_avx512(Bytes p, std::uint64_t wanted,
                                                                                std::uint64_t odd, Bytes* starts,
                                                                                Bytes* ends) const {
    const __m512i window = at(p, 0);
    const __m512i high = _mm512_and_si512(window, _mm512_set1_epi8(static_cast<char>(0xF0)));
    const std::uint64_t three = _mm512_cmpeq_epi8_mask(high, _mm512_set1_epi8(static_cast<char>(0xE0)));
    const std::uint64_t one = ~(_mm512_movepi8_mask(window) | odd);
    const std::uint64_t characters = wanted & leads(window);
    if (characters == 0) return {0, 0};
    const Points points(p, characters);
    // Bit i is that of character i.
    const std::uint64_t words = word_starts_avx512(points) & points.bits(), singles = singles_avx512(points);
    const std::uint64_t lone = words & words >> 1 & _pext_u64(one | three, characters);
    const int lone_tokens = std::popcount(lone & singles) + 3 * std::popcount(lone & ~singles);
    write_by_32(_pdep_u64(words & ~(lone << 1), characters), p, ends);
    return {write_by_32(_pdep_u64(words & ~lone, characters), p, starts), static_cast<std::size_t>(lone_tokens)};
}

// Which of the characters start a word. Sixteen neighbours at a time.
CTXPACK_AT_AVX512 std::uint64_t Splitter::word_starts_avx512(const Points& points) const {
    __m512i before = cpu::broadcast(points.before);
    std::uint64_t joined = 0;
    for (unsigned i = 0; i < points.count; i += kLanes) {
        const __m512i right = points.at(i);
        const __m512i left = _mm512_alignr_epi32(right, before, kLanes - 1);
        const __m512i hash = _mm512_add_epi32(times(left, Neighbours::kLeft), times(right, Neighbours::kRight));
        const __m512i flags = flags_at(neighbours_.pairs(), hash, points.count - i);
        joined |= with_flag(flags, Neighbours::kIsPair | Neighbours::kInLonger) << i;
        before = right;
    }
    return ~joined;
}

// Which of the characters are one token by themselves, of those below kPoints.
CTXPACK_AT_AVX512 std::uint64_t Splitter::singles_avx512(const Points& points) const {
    std::uint64_t found = 0;
    for (unsigned i = 0; i < points.count; i += kLanes) {
        const __m512i places = _mm512_and_si512(points.at(i), cpu::broadcast(kPoints - 1));
        found |= bits_at(characters_, places, points.count - i) << i;
    }
    return found;
}

}  // namespace ctxpack::sentencepiece

#endif
