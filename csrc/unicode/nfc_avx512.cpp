#include "unicode/nfc_kinds.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <bit>

#include "cpu/avx512.hpp"

namespace ctxpack::unicode {
namespace {

CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i each(unsigned byte) { return _mm512_set1_epi8(static_cast<char>(byte)); }

unsigned last_bit(std::uint64_t bits) { return 63 - static_cast<unsigned>(std::countl_zero(bits)); }

// A window of text at p. Places are those of the last bytes of characters, but for the last character, which may go on
// behind the window.
class Window {
public:
    CTXPACK_AT_AVX512 CTXPACK_INLINE explicit Window(Bytes p)
        : p_(p),
          bytes_(_mm512_loadu_si512(p)),
          starts_(_mm512_cmpge_epi8_mask(bytes_, each(0xC0))),
          first_(before<1>(~std::uint64_t{0})),
          second_(before<2>(~(starts_ << 1))),
          third_(before<3>(~(starts_ << 1 | starts_ << 2))) {}

    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t ends() const { return starts_ >> 1; }
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t non_ascii() const { return _mm512_movepi8_mask(bytes_); }
    // Where the character that the window may not have whole starts.
    CTXPACK_AT_AVX512 CTXPACK_INLINE Bytes next() const { return p_ + last_bit(starts_); }
    CTXPACK_AT_AVX512 CTXPACK_INLINE Bytes character(unsigned end) const {
        return p_ + last_bit(starts_ & cpu::first_bits(end + 1));
    }
    // The kinds of characters, page by page of those that they are of.
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i kinds() const {
        __m512i kinds = _mm512_setzero_si512();
        for (std::uint64_t left = ends() & non_ascii() & ~surely_plain(); left;) {
            const auto end = static_cast<unsigned>(std::countr_zero(left));
            const std::uint64_t alike = left & of_page(end);
            const std::uint32_t point = decode(character(end)).point;
            const __m512i page = _mm512_loadu_si512(kind_at(point & ~(kNfcPageSize - 1)));
            kinds = _mm512_mask_permutexvar_epi8(kinds, alike, bytes_, page);
            left &= ~alike;
        }
        return kinds;
    }

private:
    // The bytes so many before each that are wanted, else 0.
    template <unsigned kBack>
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i before(std::uint64_t wanted) const {
        return _mm512_maskz_mov_epi8(wanted, _mm512_maskz_expand_epi8(~std::uint64_t{0} << kBack, bytes_));
    }
    // Chinese and Hangul of which all pages are plain: U+4000 to U+9FFF and U+AC00 to U+CFFF.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t surely_plain() const {
        const std::uint64_t both = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(second_, each(0xE4)), each(9));
        const std::uint64_t with_yi = _mm512_mask_cmpeq_epi8_mask(both, second_, each(0xEA));
        return both & ~_mm512_mask_cmplt_epu8_mask(with_yi, first_, each(0xB0));
    }
    // Where the bytes of the character before the last one are those of the one that ends there.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t of_page(unsigned end) const {
        return like(first_, end) & like(second_, end) & like(third_, end);
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE static std::uint64_t like(__m512i bytes, unsigned place) {
        return _mm512_cmpeq_epi8_mask(bytes, _mm512_permutexvar_epi8(each(place), bytes));
    }

    Bytes p_;
    __m512i bytes_;
    std::uint64_t starts_;
    __m512i first_, second_, third_;  // before each byte; 0 for those of other characters
};

// Whether a mark is of a lower class than the mark before it.
CTXPACK_AT_AVX512 CTXPACK_INLINE bool ranks_fall(__m512i ranks, std::uint64_t ends, unsigned before) {
    const __m512i packed = _mm512_maskz_compress_epi8(ends, ranks);
    const __m512i each_before = _mm512_mask_expand_epi8(each(before), ~std::uint64_t{1}, packed);
    return _mm512_mask_cmplt_epu8_mask(_mm512_test_epi8_mask(packed, packed), packed, each_before);
}

// Whether one of the marks at those places joins the last of the starters before it.
CTXPACK_AT_AVX512 CTXPACK_INLINE bool any_joins(const Window& window, std::uint64_t marks, std::uint64_t starters,
                                                Bytes before) {
    for (; marks; marks &= marks - 1) {
        const auto end = static_cast<unsigned>(std::countr_zero(marks));
        const std::uint64_t some = starters & cpu::first_bits(end);
        if (joins(some ? window.character(last_bit(some)) : before, window.character(end))) return true;
    }
    return false;
}

}  // namespace

CTXPACK_AT_AVX512 Bytes skip_settled_avx512(Bytes p, Bytes end, Before& before) {
    while (end - p >= kNfcWindow) {
        const Window window(p);
        if (!window.non_ascii()) {
            p += kNfcWindow;
            before = {p - 1, 0};
            continue;
        }
        const std::uint64_t ends = window.ends();
        const __m512i kinds = window.kinds(), ranks = _mm512_and_si512(kinds, each(kClassMask));
        const std::uint64_t starters = ends & _mm512_testn_epi8_mask(ranks, ranks);
        const std::uint64_t joining = _mm512_cmpge_epu8_mask(kinds, each(kJoining));
        if (ranks_fall(ranks, ends, before.rank) || any_joins(window, joining, starters, before.starter)) break;
        if (starters) before.starter = window.character(last_bit(starters));
        before.rank = kind_of(window.character(last_bit(ends))) & kClassMask;
        p = window.next();
    }
    return p;
}

}  // namespace ctxpack::unicode

#endif
