#include "sentencepiece/copy_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <bit>

namespace ctxpack::sentencepiece {
namespace {

// Copies windows in which all that may not stay is of a few pages, those of the punctuation of Chinese and Japanese:
// what becomes of these is kept in registers.
class PageCopier {
public:
    static constexpr std::ptrdiff_t kRead = kWindow + 2;

    CTXPACK_AT_AVX512 CTXPACK_INLINE PageCopier(const CopyTable& table, const NonAsciiTable& non_ascii)
        : low_(_mm512_loadu_si512(table.bytes.data())),
          high_(_mm512_loadu_si512(table.bytes.data() + kWindow)),
          leads_(_mm512_load_si512(non_ascii.leads.data())),
          tidies_(table.tidies ? ~std::uint64_t{0} : 0),
          general_(non_ascii, 0x2000),
          ideographic_(non_ascii, 0x3000),
          wide_(non_ascii, 0xFF00) {}

    // Copies the characters of a window, of kRead bytes that are there, if it can; returns how many bytes these are.
    CTXPACK_AT_AVX512 CTXPACK_INLINE unsigned copy(Bytes p, std::uint8_t*& to, std::uint64_t& after_space) const {
        const __m512i text = _mm512_loadu_si512(p), second = _mm512_loadu_si512(p + 1);
        const __mmask64 other = _mm512_movepi8_mask(text);
        if (other == 0) return 0;
        const __mmask64 begins = _mm512_cmpge_epu8_mask(text, _mm512_set1_epi8(static_cast<char>(0xC0)));
        const __mmask64 doubtful = _mm512_mask_testn_epi8_mask(begins, _mm512_permutexvar_epi8(text, leads_),
                                                               _mm512_set1_epi8(NonAsciiTable::kAllStay));
        Found found{second, _mm512_loadu_si512(p + 2)};
        general_.look_up(text, doubtful, found);
        ideographic_.look_up(text, doubtful, found);
        wide_.look_up(text, doubtful, found);
        const __m512i bytes = _mm512_permutex2var_epi8(low_, text, high_);
        const std::uint64_t ascii = ~other & (_mm512_movepi8_mask(bytes) | before_joined(second));
        const std::uint64_t closer = found.closer() | (doubtful & ~found.there) | ascii;
        const unsigned taken = whole_bytes(p);
        if (_bzhi_u64(closer, taken) != 0) return 0;
        const std::uint64_t becomes = found.there & ~_mm512_movepi8_mask(found.bytes);
        const __m512i stays = _mm512_mask_mov_epi8(bytes, other, text);
        const __m512i replaced = _mm512_mask_mov_epi8(stays, becomes, found.bytes);
        const std::uint64_t spaces = _mm512_cmpeq_epi8_mask(replaced, _mm512_set1_epi8(' ')) & tidies_;
        const std::uint64_t dropped = becomes << 1 | becomes << 2 | (spaces & (spaces << 1 | after_space));
        const std::uint64_t kept = _bzhi_u64(~dropped, taken);
        _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(kept, replaced));
        to += std::popcount(kept);
        after_space = spaces >> (taken - 1) & 1;
        return taken;
    }

private:
    // What becomes of characters of three bytes, at their first.
    struct Found {
        CTXPACK_AT_AVX512 CTXPACK_INLINE Found(__m512i second, __m512i third)
            : pairs(_mm512_and_si512(second, _mm512_set1_epi8(static_cast<char>(0xFE)))) {
            const __m512i odd = _mm512_slli_epi16(second, 6);
            within = _mm512_or_si512(_mm512_and_si512(odd, _mm512_set1_epi8(0x40)),
                                     _mm512_and_si512(third, _mm512_set1_epi8(0x3F)));
        }
        CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t closer() const {
            return _mm512_cmpgt_epu8_mask(bytes, _mm512_set1_epi8(static_cast<char>(NonAsciiTable::kStays)));
        }

        __m512i pairs, within;  // second bytes without their last bit, and what is in that and the third
        __m512i bytes = _mm512_setzero_si512();
        __mmask64 there = 0;
    };

    // Two pages of 64 characters of three bytes.
    class Pages {
    public:
        CTXPACK_AT_AVX512 CTXPACK_INLINE Pages(const NonAsciiTable& non_ascii, std::uint32_t point)
            : low_(_mm512_loadu_si512(&non_ascii.points[point])),
              high_(_mm512_loadu_si512(&non_ascii.points[point + kWindow])),
              lead_(_mm512_set1_epi8(static_cast<char>(0xE0 | point >> 12))),
              pair_(_mm512_set1_epi8(static_cast<char>(0x80 | (point >> 6 & 0x3F)))) {}

        CTXPACK_AT_AVX512 CTXPACK_INLINE void look_up(__m512i text, __mmask64 wanted, Found& found) const {
            const __mmask64 leads = _mm512_mask_cmpeq_epi8_mask(wanted, text, lead_);
            const __mmask64 here = _mm512_mask_cmpeq_epi8_mask(leads, found.pairs, pair_);
            const __m512i bytes = _mm512_permutex2var_epi8(low_, found.within, high_);
            found.bytes = _mm512_mask_mov_epi8(found.bytes, here, bytes);
            found.there |= here;
        }

    private:
        __m512i low_, high_, lead_, pair_;
    };

    // Bytes before one that a rule may take together with ASCII.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t before_joined(__m512i next) const {
        const __mmask64 begins = _mm512_cmpge_epu8_mask(next, _mm512_set1_epi8(static_cast<char>(0xC0)));
        return _mm512_mask_test_epi8_mask(begins, _mm512_permutexvar_epi8(next, leads_),
                                          _mm512_set1_epi8(NonAsciiTable::kFollows));
    }

    __m512i low_, high_, leads_;
    std::uint64_t tidies_;
    Pages general_, ideographic_, wide_;
};

}  // namespace

CTXPACK_AT_AVX512 Bytes copy_by_pages(const CopyTable& table, const NonAsciiTable& non_ascii, Bytes p, Bytes end,
                                      CopyEnd& copied) {
    const PageCopier copier(table, non_ascii);
    std::uint8_t* to = copied.to;
    std::uint64_t after_space = copied.after_space;
    while (end - p >= PageCopier::kRead) {
        const unsigned taken = copier.copy(p, to, after_space);
        if (taken == 0) break;
        p += taken;
    }
    copied = {to, after_space != 0};
    return p;
}

}  // namespace ctxpack::sentencepiece

#endif
