// The window scanners of x86; each is compiled for its own instruction set.
#pragma once

#include "split/splitter.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

namespace ctxpack::split {

template <class Splitter>
CTXPACK_AT_AVX2 std::size_t split_avx2(Bytes& p, Bytes end, Bytes* starts);
template <class Splitter>
CTXPACK_AT_AVX512 std::size_t split_avx512(Bytes& p, Bytes end, Bytes* starts);
template <class Splitter>
CTXPACK_AT_AVX512 MultiByte split_multi_byte_avx512(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);

// The bytes of a window that is not all ASCII.
struct NonAscii {
    std::uint64_t bytes;         // not ASCII
    std::uint64_t continuation;  // of a character, but the first
    // The first of a letter from 一 to 龥: of those, nearly all, that begin with E4 B8 to E9 BD. Others are looked up.
    std::uint64_t han;
};

// The starts of pretokens in a window that is not all ASCII, where `is` has the masks of what is: the masks are
// completed and become masks with a bit for each character, and the starts found with them masks of bytes again.
template <class Splitter>
CTXPACK_AT_AVX2 inline std::uint64_t by_characters(Window is, NonAscii text, Bytes p, Bytes end) {
    std::uint64_t first = ~text.continuation & low_bits(end - p < kWindow ? static_cast<int>(end - p) : kWindow);
    is.non_ascii = text.bytes;
    if constexpr (Splitter::kSeparatesHan) {
        is.separate |= text.han;
    } else {
        is.upper |= text.han;
        is.lower |= text.han;
    }
    for (std::uint64_t others = text.bytes & first & ~text.han; others != 0; others &= others - 1) {
        const int at = std::countr_zero(others);
        const unsigned kinds = kinds_at<Splitter>(p + at, end);
        if (kinds == 0) {
            first &= low_bits(at);
            is.end = 0;
            break;
        }
        const auto put = [&](std::uint64_t& mask, Kind kind) { mask |= std::uint64_t{(kinds & kind) != 0} << at; };
        put(is.upper, kUpperCase);
        put(is.lower, kLowerCase);
        put(is.digit, kDigit);
        put(is.blank, kBlank);
        put(is.symbol, kSymbol);
        put(is.separate, kSeparate);
    }
    const std::uint64_t no_letters = is.digit | is.blank | is.newline | is.symbol;
    const std::uint64_t contractions = is.apostrophe & ~(no_letters >> 1);  // perhaps; not decided here
    const Window characters{.undecided = ~low_bits(std::popcount(first)) | _pext_u64(contractions, first),
                            .upper = _pext_u64(is.upper, first),
                            .lower = _pext_u64(is.lower, first),
                            .digit = _pext_u64(is.digit, first),
                            .blank = _pext_u64(is.blank, first),
                            .space = _pext_u64(is.space, first),
                            .newline = _pext_u64(is.newline, first),
                            .symbol = _pext_u64(is.symbol, first),
                            .slash = _pext_u64(is.slash, first),
                            .apostrophe = 0,
                            .control = _pext_u64(is.control, first),
                            .end = is.end == 0 ? 0 : bit_after(low_bits(std::popcount(first))),
                            .separate = _pext_u64(is.separate, first),
                            .non_ascii = _pext_u64(is.non_ascii, first)};
    return _pdep_u64(starts_in<Splitter>(characters, p, end), first | is.end);
}

}  // namespace ctxpack::split

#endif
