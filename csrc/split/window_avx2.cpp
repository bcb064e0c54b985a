#include "split/window_x86.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

namespace ctxpack::split {
namespace {

// Groups of bytes by two lookups: a byte is in each group that is listed both for its low and for its high half. They
// tell letters, digits, newlines and blanks but the space; what else Window has is told by comparisons.
enum Group : std::uint8_t {
    kAlphaLow = 1,   // A to O, a to o
    kAlphaHigh = 2,  // P to Z, p to z
    kDigits = 4,
    kControlBlank = 8,
    kControlNewline = 16,
};

constexpr std::uint8_t group_of(unsigned byte) {
    const unsigned kinds = kinds_of(byte);
    if (kinds & (kUpperCase | kLowerCase)) return byte & 0x10 ? kAlphaHigh : kAlphaLow;
    if (kinds & kDigit) return kDigits;
    if (kinds & kNewline) return kControlNewline;
    return (kinds & kBlank) && byte != ' ' ? kControlBlank : 0;
}

// Groups of the bytes with a given low half (`shift` 0) or high half (4), by halves.
constexpr std::array<std::uint8_t, 16> groups_by_half(unsigned shift) {
    std::array<std::uint8_t, 16> groups{};
    for (unsigned byte = 0; byte < 128; ++byte) groups[byte >> shift & 15] |= group_of(byte);
    return groups;
}

constexpr auto kByLow = groups_by_half(0);
constexpr auto kByHigh = groups_by_half(4);

CTXPACK_AT_AVX2 inline __m256i both_lanes(const std::array<std::uint8_t, 16>& table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

struct Halves {
    __m256i first, second;
};

CTXPACK_AT_AVX2 inline std::uint64_t top_bits(Halves of) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(of.first)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(of.second))) << 32;
}

CTXPACK_AT_AVX2 inline std::uint64_t equal(Halves text, char byte) {
    const __m256i wanted = _mm256_set1_epi8(byte);
    return top_bits({_mm256_cmpeq_epi8(text.first, wanted), _mm256_cmpeq_epi8(text.second, wanted)});
}

// Of the bytes below 0x80, those that are control characters.
CTXPACK_AT_AVX2 inline std::uint64_t controls(Halves text) {
    const __m256i space = _mm256_set1_epi8(' ');
    return top_bits({_mm256_cmpgt_epi8(space, text.first), _mm256_cmpgt_epi8(space, text.second)}) |
           equal(text, '\x7F');
}

CTXPACK_AT_AVX2 inline __m256i groups_in(__m256i text) {
    const __m256i half = _mm256_set1_epi8(15);
    const __m256i low = _mm256_shuffle_epi8(both_lanes(kByLow), _mm256_and_si256(text, half));
    const __m256i high = _mm256_shuffle_epi8(both_lanes(kByHigh), _mm256_and_si256(_mm256_srli_epi16(text, 4), half));
    return _mm256_and_si256(low, high);
}

// The bytes of any of the groups.
CTXPACK_AT_AVX2 inline std::uint64_t having(Halves groups, unsigned wanted) {
    const __m256i mask = _mm256_set1_epi8(static_cast<char>(wanted));
    const __m256i none = _mm256_setzero_si256();
    return ~top_bits({_mm256_cmpeq_epi8(_mm256_and_si256(groups.first, mask), none),
                      _mm256_cmpeq_epi8(_mm256_and_si256(groups.second, mask), none)});
}

CTXPACK_AT_AVX2 CTXPACK_INLINE Window classify(Halves text, std::uint64_t ascii, std::uint64_t inside) {
    const Halves groups{groups_in(text.first), groups_in(text.second)};
    const std::uint64_t letters = having(groups, kAlphaLow | kAlphaHigh) & ascii;
    // Bit 5 of a letter is its case; shifted left by two it is the bit that movemask takes.
    const std::uint64_t bit5 = top_bits({_mm256_slli_epi16(text.first, 2), _mm256_slli_epi16(text.second, 2)});
    const std::uint64_t digit = having(groups, kDigits) & ascii;
    const std::uint64_t space = equal(text, ' ') & ascii;
    const std::uint64_t blank = space | (having(groups, kControlBlank) & ascii);
    const std::uint64_t newline = having(groups, kControlNewline) & ascii;
    const std::uint64_t symbol = ascii & ~(letters | digit | blank | newline);
    return {.undecided = ~ascii,
            .upper = letters & ~bit5,
            .lower = letters & bit5,
            .digit = digit,
            .blank = blank,
            .space = space,
            .newline = newline,
            .symbol = symbol,
            .slash = equal(text, '/') & ascii,
            .apostrophe = equal(text, '\'') & ascii,
            .control = controls(text) & symbol,
            .end = bit_after(inside)};
}

// The bytes that are more than this, as signed numbers.
CTXPACK_AT_AVX2 inline std::uint64_t above(Halves text, int byte) {
    const __m256i than = _mm256_set1_epi8(static_cast<char>(byte));
    return top_bits({_mm256_cmpgt_epi8(text.first, than), _mm256_cmpgt_epi8(text.second, than)});
}

// Of Han, what begins with E4 B8 to E9 BD. The second byte may be past the window.
CTXPACK_AT_AVX2 CTXPACK_INLINE NonAscii find_non_ascii(Halves text, std::uint64_t others) {
    const std::uint64_t continuation = others & ~above(text, 0xBF);
    const std::uint64_t e4 = equal(text, '\xE4'), e5 = above(text, 0xE4) & ~above(text, 0xE8), e9 = equal(text, '\xE9');
    const std::uint64_t b8 = continuation & above(text, 0xB7), to_bd = continuation & ~above(text, 0xBD);
    return {others, continuation, e5 | (e4 & b8 >> 1) | (e9 & to_bd >> 1)};
}

// Writes p + i for every bit i and returns how many they are. Writes sixteen at a time, with anything past the last:
// a branch for each could not be predicted.
CTXPACK_AT_AVX2 CTXPACK_INLINE std::size_t write_by_16(std::uint64_t bits, Bytes p, Bytes* to) {
    const auto count = static_cast<std::size_t>(std::popcount(bits));
    constexpr std::size_t kAtOnce = 16;
    for (std::size_t i = 0; i < count; i += kAtOnce) {
        for (std::size_t k = i; k < i + kAtOnce; ++k, bits &= bits - 1) to[k] = p + std::countr_zero(bits);
    }
    return count;
}

template <class Splitter>
CTXPACK_AT_AVX2 CTXPACK_INLINE std::uint64_t starts_at(Bytes p, Bytes end) {
    alignas(32) std::uint8_t rest[kWindow] = {};
    const auto* at = reinterpret_cast<const __m256i*>(p);
    std::uint64_t inside = ~std::uint64_t{0};
    if (end - p < kWindow) {
        inside = low_bits(static_cast<int>(end - p));
        std::memcpy(rest, p, static_cast<std::size_t>(end - p));
        at = reinterpret_cast<const __m256i*>(rest);
    }
    const Halves text{_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
    const std::uint64_t others = top_bits(text);
    const Window window = classify(text, inside & ~others, inside);
    if (others == 0) return starts_in<Splitter>(window, p, end);
    return by_characters<Splitter>(window, find_non_ascii(text, others), p, end);
}

}  // namespace

template <class Splitter>
CTXPACK_AT_AVX2 std::size_t split_avx2(Bytes& p, Bytes end, Bytes* starts) {
    std::size_t filled = 0;
    Bytes from = p;
    while (filled < kBlock && from < end) {
        fetch_ahead(from);
        const std::uint64_t found = starts_at<Splitter>(from, end);
        if (found > 1) {
            const int last = std::bit_width(found) - 1;
            filled += write_by_16(found & low_bits(last), from, starts + filled);
            from += last;
        } else {
            starts[filled++] = from;
            from = Splitter::next(from, end);
        }
    }
    starts[filled] = p = from;
    return filled;
}

#define CTXPACK_MAKE(Splitter, pattern) template SplitBlock split_avx2<Splitter>;
CTXPACK_EACH_SCANNER(CTXPACK_MAKE)
#undef CTXPACK_MAKE

}  // namespace ctxpack::split

#endif
