#include "bpe/parts.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <bit>

#include "cpu/avx512.hpp"

namespace ctxpack::bpe {
namespace {

using cpu::broadcast;
using cpu::first_bits;

constexpr unsigned kLanes = 16;
constexpr std::size_t kBytes = 64;

// The bits of a map at sixteen places.
CTXPACK_AT_AVX512 CTXPACK_INLINE __mmask16 bits_at(const std::uint32_t* map, __m512i places) {
    const __m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(places, 5), map, 4);
    return _mm512_test_epi32_mask(words, _mm512_sllv_epi32(broadcast(1), _mm512_and_si512(places, broadcast(31))));
}

// `high` before the six low bits of `low`.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i joined(__m512i high, __m512i low) {
    return _mm512_or_si512(_mm512_slli_epi32(high, 6), _mm512_and_si512(low, broadcast(63)));
}

// Writes p + i for every bit i, of which there are at most sixteen. Writes sixteen, with anything past the last.
CTXPACK_AT_AVX512 CTXPACK_INLINE void write_sixteen(std::uint64_t bits, Bytes p, Bytes* to) {
    const __m512i base = _mm512_set1_epi64(reinterpret_cast<long long>(p));
    const __m512i places = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(cpu::kIota.data()));
    const __m128i sixteen = _mm512_castsi512_si128(places);
    _mm512_storeu_si512(to, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(sixteen)));
    _mm512_storeu_si512(to + 8, _mm512_add_epi64(base, _mm512_cvtepu8_epi64(_mm_bsrli_si128(sixteen, 8))));
}

// Up to sixteen characters, one after the other, in lanes. The last is not looked at but as the neighbour of the one
// before it; the place where all ends may stand for it.
struct Window {
    CTXPACK_AT_AVX512 CTXPACK_INLINE Window(Bytes p, Bytes stop, Bytes end) {
        const std::size_t left = std::min(static_cast<std::size_t>(stop - p), kBytes);
        const __m512i text = row(p, 0, end);
        // As signed bytes, those inside a character are the least.
        const std::uint64_t leads = _mm512_cmpge_epi8_mask(text, _mm512_set1_epi8(static_cast<char>(0xC0)));
        places = (leads & first_bits(left)) | (left < kBytes ? std::uint64_t{1} << left : 0);
        places = _pdep_u64(first_bits(kLanes), places);
        size = static_cast<std::size_t>(std::bit_width(places)) - 1;
        looked = static_cast<unsigned>(std::popcount(places)) - 1;
        first = lanes(text);
        second = lanes(row(p, 1, end));
        points = points_of(lanes(row(p, 2, end)), lanes(row(p, 3, end)));
    }

    // The 64 bytes from p + i on, with zeros past the text's end.
    static CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i row(Bytes p, std::size_t i, Bytes end) {
        const auto room = static_cast<std::size_t>(end - p);
        return _mm512_maskz_loadu_epi8(first_bits(std::min(std::max(room, i) - i, kBytes)), p + i);
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i lanes(__m512i row) const {
        return _mm512_cvtepu8_epi32(_mm512_castsi512_si128(_mm512_maskz_compress_epi8(places, row)));
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i points_of(__m512i third, __m512i fourth) const {
        const __m512i two = joined(_mm512_and_si512(first, broadcast(0x1F)), second);
        const __m512i three = joined(joined(_mm512_and_si512(first, broadcast(0x0F)), second), third);
        const __m512i four = joined(joined(joined(_mm512_and_si512(first, broadcast(0x07)), second), third), fourth);
        __m512i found = _mm512_mask_mov_epi32(first, _mm512_cmpge_epi32_mask(first, broadcast(0xC0)), two);
        found = _mm512_mask_mov_epi32(found, _mm512_cmpge_epi32_mask(first, broadcast(0xE0)), three);
        return _mm512_mask_mov_epi32(found, _mm512_cmpge_epi32_mask(first, broadcast(0xF0)), four);
    }

    // Which of them are cut off from the one before; the first is not known to be.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t cut_off(const Merges& merges) const {
        const __m512i before = _mm512_alignr_epi32(points, points, kLanes - 1);
        const __m512i sum = _mm512_add_epi32(_mm512_mullo_epi32(before, broadcast(Cuts::kLeft)),
                                             _mm512_mullo_epi32(points, broadcast(Cuts::kRight)));
        const __mmask16 neighbours = bits_at(merges.cuts().pairs(), _mm512_srli_epi32(sum, 32 - Cuts::kPairBits));
        // The six low bits of a code point are those of its last byte.
        const __m512i around = joined(joined(_mm512_and_si512(before, broadcast(63)), first), second);
        const __mmask16 straddled = bits_at(merges.straddle().words(), around);
        const __mmask16 non_ascii = _mm512_cmpge_epi32_mask(_mm512_or_si512(before, points), broadcast(Cuts::kAscii));
        return non_ascii & ~(neighbours | straddled) & 0xFFFEu;
    }
    // How many tokens each is alone, 0 where that is not known.
    CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i alone(const Cuts& cuts) const {
        const __mmask16 low = _mm512_cmplt_epi32_mask(points, broadcast(Cuts::kPoints));
        const __m512i words = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), low, points, cuts.alone(), 1);
        return _mm512_and_si512(words, broadcast(0xFF));
    }

    std::uint64_t places;  // of the characters, one bit a byte
    std::size_t size;      // in bytes, up to the last character
    unsigned looked;       // characters
    __m512i first, second, points;
};

}  // namespace

// One bit a byte: where pretokens end from `p` on, up to p + size.
CTXPACK_AT_AVX512 inline std::uint64_t Parts::ends_up_to(Bytes p, std::size_t size) {
    const __m512i from = _mm512_set1_epi64(reinterpret_cast<long long>(p));
    const __m512i one = _mm512_set1_epi64(1), most = _mm512_set1_epi64(static_cast<long long>(size));
    __m512i found = _mm512_setzero_si512();
    __mmask8 here = 0xFF;
    while (here == 0xFF) {
        const __m512i places = _mm512_sub_epi64(_mm512_loadu_si512(&ends_[ended_]), from);
        here = _mm512_cmple_epu64_mask(places, most);
        found = _mm512_or_si512(found, _mm512_maskz_sllv_epi64(here, one, places));
        ended_ += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(here)));
    }
    return static_cast<std::uint64_t>(_mm512_reduce_or_epi64(found));
}

CTXPACK_AT_AVX512 std::size_t Parts::cut_avx512(Block& block) {
    Bytes p = p_;
    std::size_t ended = 0;
    std::uint64_t started = start_ < p;  // 1 where a part has started before `p`
    __m512i tokens = _mm512_setzero_si512();
    block.starts[0] = start_;
    block.ends = block.part_ends.data();
    while (ended < split::kBlock && p < stop_) {
        const Window window(p, stop_, end_);
        // From here on one bit a character: which begin parts, which of these are whole parts that are left out, and
        // where the other parts end, which is at the next character.
        const std::uint64_t pretokens = _pext_u64(ends_up_to(p, window.size), window.places);
        const std::uint64_t begin = (started ^ 1) | window.cut_off(merges_) | (pretokens & ~std::uint64_t{1});
        const __m512i alone = window.alone(merges_.cuts());
        const std::uint64_t looked = first_bits(window.looked);
        const std::uint64_t left_out = !leaves_out_ ? 0 : _mm512_test_epi32_mask(alone, alone);
        const std::uint64_t lone = begin & begin >> 1 & left_out & looked;
        const std::uint64_t ends = (begin >> 1 & ~lone & looked) << 1;
        tokens = _mm512_mask_add_epi32(tokens, static_cast<__mmask16>(lone), tokens, alone);
        write_sixteen(_pdep_u64(begin & ~lone & looked, window.places), p, &block.starts[ended + started]);
        write_sixteen(_pdep_u64(ends, window.places), p, &block.part_ends[ended]);
        ended += static_cast<std::size_t>(std::popcount(ends));
        started = ~begin >> window.looked & 1;
        p += window.size;
    }
    block.filled = ended;
    start_ = started ? block.starts[ended] : p;
    p_ = p;
    return static_cast<std::size_t>(_mm512_reduce_add_epi32(tokens));
}

}  // namespace ctxpack::bpe

#endif
