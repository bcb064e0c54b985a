// The window scanner of AVX-512.
#pragma once

#include "cpu/avx512.hpp"
#include "split/window_x86.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::split {
namespace avx512 {

CTXPACK_AT_AVX512 inline std::uint64_t having(__m512i kinds, Kind kind) {
    return _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(static_cast<char>(kind)));
}

CTXPACK_AT_AVX512 CTXPACK_INLINE Window classify(__m512i text, std::uint64_t ascii, std::uint64_t inside) {
    const __m512i low = _mm512_loadu_si512(kKinds.data()), high = _mm512_loadu_si512(kKinds.data() + 64);
    const __m512i kinds = _mm512_maskz_permutex2var_epi8(ascii, low, text, high);
    return {.undecided = ~ascii,
            .upper = having(kinds, kUpperCase),
            .lower = having(kinds, kLowerCase),
            .digit = having(kinds, kDigit),
            .blank = having(kinds, kBlank),
            .space = having(kinds, kSpace),
            .newline = having(kinds, kNewline),
            .symbol = having(kinds, kSymbol),
            .slash = having(kinds, kSlash),
            .apostrophe = _mm512_mask_cmpeq_epi8_mask(ascii, text, _mm512_set1_epi8('\'')),
            .control = having(kinds, kSymbol) & (_mm512_cmplt_epu8_mask(text, _mm512_set1_epi8(' ')) |
                                                 _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('\x7F'))),
            .end = bit_after(inside)};
}

// The bytes that are at least this.
CTXPACK_AT_AVX512 inline std::uint64_t from(__m512i text, int byte) {
    return _mm512_cmpge_epu8_mask(text, _mm512_set1_epi8(static_cast<char>(byte)));
}

// Of Han, what begins with E4 B8 to E9 BD. The second byte may be past the window.
CTXPACK_AT_AVX512 CTXPACK_INLINE NonAscii find_non_ascii(__m512i text, std::uint64_t others) {
    const std::uint64_t continuation = others & ~from(text, 0xC0), e4 = from(text, 0xE4), e5 = from(text, 0xE5);
    const std::uint64_t e9 = from(text, 0xE9), b8 = continuation & from(text, 0xB8),
                        to_bd = continuation & ~from(text, 0xBE);
    return {others, continuation, e4 & ~from(text, 0xEA) & (e5 | b8 >> 1) & (~e9 | to_bd >> 1)};
}

template <class Splitter>
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t starts_at(Bytes p, Bytes end) {
    const std::uint64_t inside = low_bits(static_cast<int>(end - p < kWindow ? end - p : kWindow));
    const __m512i text = _mm512_maskz_loadu_epi8(inside, p);
    const std::uint64_t others = _mm512_movepi8_mask(text);
    const Window window = classify(text, inside & ~others, inside);
    if (others == 0) return starts_in<Splitter>(window, p, end);
    return by_characters<Splitter>(window, find_non_ascii(text, others), p, end);
}

// Writes p + i for every bit i and returns how many they are. Writes 32, with anything past the last, or 64 where
// there are more: how many there are is hard to foresee, that there are no more than 32 is not.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t write_by_32(std::uint64_t bits, Bytes p, Bytes* to) {
    alignas(64) std::uint8_t offsets[kWindow];
    _mm512_store_si512(offsets, _mm512_maskz_compress_epi8(bits, _mm512_load_si512(cpu::kIota.data())));
    const __m512i base = _mm512_set1_epi64(reinterpret_cast<long long>(p));
    const auto count = static_cast<std::size_t>(std::popcount(bits));
    std::size_t i = 0;
    do {
        for (const std::size_t block = i; i < block + 32; i += 8) {
            const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(offsets + i));
            _mm512_storeu_si512(to + i, _mm512_add_epi64(base, _mm512_maskz_cvtepu8_epi64(0xFF, eight)));
        }
    } while (i < count);
    return count;
}

}  // namespace avx512

template <class Splitter>
CTXPACK_AT_AVX512 std::size_t split_avx512(Bytes& p, Bytes end, Bytes* starts) {
    std::size_t filled = 0;
    Bytes from = p;
    while (filled < kBlock && from < end) {
        fetch_ahead(from);
        const std::uint64_t found = avx512::starts_at<Splitter>(from, end);
        if (found > 1) {
            const int last = std::bit_width(found) - 1;
            filled += avx512::write_by_32(found & low_bits(last), from, starts + filled);
            from += last;
        } else {
            starts[filled++] = from;
            from = Splitter::next(from, end);
        }
    }
    starts[filled] = p = from;
    return filled;
}

template <class Splitter>
CTXPACK_AT_AVX512 MultiByte split_multi_byte_avx512(Bytes& p, Bytes end, Bytes* starts, Bytes* ends) {
    std::size_t filled = 0, single_bytes = 0;
    Bytes from = p;
    while (filled < kBlock && from < end) {
        fetch_ahead(from);
        const std::uint64_t found = avx512::starts_at<Splitter>(from, end);
        if (found > 1) {
            const int last = std::bit_width(found) - 1;
            const std::uint64_t single = found & found >> 1;
            avx512::write_by_32(found & ~single & low_bits(last), from, starts + filled);
            filled += avx512::write_by_32(found & ~(single << 1) & ~std::uint64_t{1}, from, ends + filled);
            single_bytes += static_cast<std::size_t>(std::popcount(single));
            from += last;
        } else {
            starts[filled] = from;
            ends[filled++] = from = Splitter::next(from, end);
        }
    }
    starts[filled] = p = from;
    return {filled, single_bytes};
}

}  // namespace ctxpack::split

#endif
