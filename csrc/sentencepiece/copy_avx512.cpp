#include "sentencepiece/copy_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>
#include <bit>

#include "sentencepiece/places_avx512.hpp"

namespace ctxpack::sentencepiece {
namespace {

constexpr unsigned kLanes = 16;
constexpr int kMostlyOther = kWindow / 2;
constexpr std::uint64_t kLast = std::uint64_t{1} << (kWindow - 1);

// Copies a window of text at a time.
class Copier {
public:
    CTXPACK_AT_AVX512 CTXPACK_INLINE Copier(const CopyTable& table, const CopyEnd& copied)
        : low_(_mm512_loadu_si512(table.bytes.data())),
          high_(_mm512_loadu_si512(table.bytes.data() + kWindow)),
          tidies_(table.tidies ? ~std::uint64_t{0} : 0),
          to_(copied.to),
          after_space_(copied.after_space) {}

    // The next window, if all of it may be copied; returns whether it was. `after`: whether one that is not ASCII
    // follows.
    CTXPACK_AT_AVX512 CTXPACK_INLINE bool copy_all(__m512i text, std::uint64_t after) {
        const __m512i bytes = _mm512_permutex2var_epi8(low_, text, high_);
        if (closer(text, bytes, after) != 0) return false;
        put(bytes, kWindow);
        return true;
    }
    // What may be copied of the next `size` bytes; returns how many that are.
    CTXPACK_AT_AVX512 CTXPACK_INLINE unsigned copy(__m512i text, unsigned size, std::uint64_t after) {
        const __m512i bytes = _mm512_permutex2var_epi8(low_, text, high_);
        const unsigned taken = std::min(static_cast<unsigned>(_tzcnt_u64(closer(text, bytes, after))), size);
        if (taken != 0) put(bytes, taken);
        return taken;
    }
    CopyEnd end() const { return {to_, after_space_ != 0}; }

private:
    CTXPACK_AT_AVX512 CTXPACK_INLINE static std::uint64_t closer(__m512i text, __m512i bytes, std::uint64_t after) {
        const std::uint64_t other = _mm512_movepi8_mask(text);
        return _mm512_movepi8_mask(bytes) | other | other >> 1 | after << (kWindow - 1);
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE void put(__m512i bytes, unsigned taken) {
        const std::uint64_t spaces = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(' ')) & tidies_;
        const std::uint64_t kept = _bzhi_u64(~(spaces & (spaces << 1 | after_space_)), taken);
        _mm512_storeu_si512(to_, _mm512_maskz_compress_epi8(kept, bytes));
        to_ += std::popcount(kept);
        after_space_ = spaces >> (taken - 1) & 1;
    }

    __m512i low_, high_;
    std::uint64_t tidies_;
    std::uint8_t* to_;
    std::uint64_t after_space_;
};

CTXPACK_AT_AVX512 CTXPACK_INLINE unsigned lowest(std::uint64_t places) {
    return static_cast<unsigned>(_tzcnt_u64(places));  // kWindow if there is none
}

// Up to kWindow bytes of text that starts with a character, and places in it.
struct Window {
    CTXPACK_AT_AVX512 CTXPACK_INLINE Window(const NonAsciiTable& non_ascii, __m512i leads, Bytes p, Bytes end)
        : text(at(p, end, 0)), size(static_cast<unsigned>(std::min<std::ptrdiff_t>(end - p, kWindow))) {
        const __m512i kinds = _mm512_permutexvar_epi8(text, leads);
        const std::uint64_t follows = begins & _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(NonAsciiTable::kFollows));
        doubtful = begins & _mm512_testn_epi8_mask(kinds, _mm512_set1_epi8(NonAsciiTable::kAllStay));
        joined = follows >> 1;
        if (end - p <= kWindow) return;
        whole = whole_bytes(p);
        if (p[kWindow] >= 0xC0 && (non_ascii.leads[p[kWindow] & 0x3F] & NonAsciiTable::kFollows) != 0) joined |= kLast;
    }
    // The bytes that far after each.
    CTXPACK_AT_AVX512 CTXPACK_INLINE static __m512i at(Bytes p, Bytes end, std::ptrdiff_t after) {
        const auto size = static_cast<unsigned>(std::clamp<std::ptrdiff_t>(end - p - after, 0, kWindow));
        return _mm512_maskz_loadu_epi8(cpu::first_bits(size), p + after);
    }
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t from(std::uint8_t lead) const {
        return other & _mm512_cmpge_epi8_mask(text, _mm512_set1_epi8(static_cast<char>(lead)));
    }

    __m512i text;
    unsigned size;
    std::uint64_t other = _mm512_movepi8_mask(text);  // not ASCII
    // First bytes of characters: of two bytes and more, three and more, four.
    std::uint64_t begins = from(0xC0), three = from(0xE0), four = from(0xF0);
    std::uint64_t doubtful;  // those that may not stay
    std::uint64_t joined;    // bytes before one that a rule may take together with ASCII
    unsigned whole = size;   // bytes of those that the window holds whole
};

CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i lanes(std::uint64_t places, __m512i text, std::uint32_t mask) {
    const __m128i bytes = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(places, text));
    return _mm512_and_si512(_mm512_cvtepu8_epi32(bytes), cpu::broadcast(mask));
}

// What the characters of two or three bytes become that begin at up to kLanes places of a window, at those places.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i look_up(const NonAsciiTable& non_ascii, std::uint64_t places, __m512i text,
                                                 __m512i second, __m512i third) {
    const __m512i lead = lanes(places, text, 0xFF);
    const __m512i high = _mm512_and_si512(lead, cpu::broadcast(0x1F));
    const __m512i two = _mm512_or_si512(_mm512_slli_epi32(high, 6), lanes(places, second, 0x3F));
    // The bit that tells three bytes falls out.
    const __m512i three = _mm512_and_si512(_mm512_or_si512(_mm512_slli_epi32(two, 6), lanes(places, third, 0x3F)),
                                           cpu::broadcast(NonAsciiTable::kPoints - 1));
    const __mmask16 is_three = _mm512_cmpge_epi32_mask(lead, cpu::broadcast(0xE0));
    const __m512i points = _mm512_mask_mov_epi32(two, is_three, three);
    const Places each(points);
    __m128i found = each.bytes(non_ascii.points.data(), 0);
    if (std::popcount(places) > static_cast<int>(kLanes / 2)) {
        found = _mm_unpacklo_epi64(found, each.bytes(non_ascii.points.data(), kLanes / 2));
    }
    return _mm512_maskz_expand_epi8(places, _mm512_castsi128_si512(found));
}

// Which characters that were looked up need a closer look, stay only where none joins them, and join.
struct Kinds {
    CTXPACK_AT_AVX512 CTXPACK_INLINE Kinds(__m512i found, std::uint64_t looked) {
        const __mmask64 stay = looked & _mm512_movepi8_mask(found);
        const auto with = [&](std::uint8_t bit) CTXPACK_AT_AVX512 CTXPACK_ALWAYS_INLINE {
            return _mm512_mask_test_epi8_mask(stay, found, _mm512_set1_epi8(static_cast<char>(bit & 0x7F)));
        };
        closer = with(NonAsciiTable::kLookCloser);
        unjoined = with(NonAsciiTable::kStaysUnjoined);
        join = with(NonAsciiTable::kJoins);
    }

    std::uint64_t closer, unjoined, join;
};

// What the first bytes of a window become.
struct Replaced {
    __m512i bytes;
    unsigned taken;         // how many bytes these are
    std::uint64_t closer;   // those that need a closer look
    std::uint64_t dropped;  // those that nothing is left of
};

// Replaces characters that may not stay, up to kLanes of them and to the first that needs a closer look.
CTXPACK_AT_AVX512 CTXPACK_INLINE void replace_looked_up(const NonAsciiTable& non_ascii, const Window& window,
                                                        std::uint64_t looks, Bytes p, Bytes end, Replaced& replaced) {
    if (std::popcount(looks) > static_cast<int>(kLanes))
        replaced.taken = lowest(_pdep_u64(std::uint64_t{1} << kLanes, looks));
    const std::uint64_t looked = _bzhi_u64(looks, replaced.taken);
    const __m512i found = look_up(non_ascii, looked, window.text, Window::at(p, end, 1), Window::at(p, end, 2));
    const Kinds kinds(found, looked);
    const std::uint64_t joined =
        kinds.unjoined & ((kinds.join >> 2 & ~window.three) | (kinds.join >> 3 & window.three));
    if (const std::uint64_t others = kinds.closer | joined; others != 0) [[unlikely]] {
        replaced.closer |= others;
        replaced.taken = lowest(others);
    } else if (p + replaced.taken < end && non_ascii.has(NonAsciiTable::kSomeJoin, p[replaced.taken])) {
        // What comes next is not looked up yet.
        const unsigned last = 63 - std::countl_zero(looked);
        if ((kinds.unjoined >> last & 1) != 0) replaced.taken = std::min(replaced.taken, last);
    }
    const std::uint64_t becomes = looked & ~_mm512_movepi8_mask(found);
    replaced.bytes = _mm512_mask_mov_epi8(replaced.bytes, becomes, found);
    replaced.dropped = becomes << 1 | (becomes & window.three) << 2;
}

}  // namespace

CTXPACK_AT_AVX512 Bytes copy_avx512(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied) {
    Copier copier(table, copied);
    // Where the next window is, is known before this one is read: a processor that guesses the branch reads ahead.
    while (end - p > kWindow && copier.copy_all(_mm512_loadu_si512(p), p[kWindow] >> 7)) p += kWindow;
    while (p < end) {
        const auto size = static_cast<unsigned>(std::min<std::ptrdiff_t>(end - p, kWindow));
        const __m512i text = _mm512_maskz_loadu_epi8(cpu::first_bits(size), p);
        const unsigned taken = copier.copy(text, size, end - p > kWindow ? p[kWindow] >> 7 : 0);
        p += taken;
        if (taken < size) break;
    }
    copied = copier.end();
    return p;
}

CTXPACK_AT_AVX512 Bytes copy_non_ascii_avx512(const CopyTable& table, const NonAsciiTable& non_ascii, Bytes p,
                                              Bytes end, CopyEnd& copied) {
    const __m512i low = _mm512_loadu_si512(table.bytes.data()), high = _mm512_loadu_si512(table.bytes.data() + kWindow);
    const __m512i leads = _mm512_load_si512(non_ascii.leads.data());
    const std::uint64_t tidies = table.tidies ? ~std::uint64_t{0} : 0;
    std::uint8_t* to = copied.to;
    std::uint64_t after_space = copied.after_space;
    while (p < end) {
        const Window window(non_ascii, leads, p, end);
        if (window.other == 0) break;
        const __m512i bytes = _mm512_permutex2var_epi8(low, window.text, high);
        const std::uint64_t closer =
            (window.doubtful & window.four) | (~window.other & (_mm512_movepi8_mask(bytes) | window.joined));
        Replaced replaced{_mm512_mask_mov_epi8(bytes, window.other, window.text), window.whole, closer, 0};
        // Branches, here and in replace_looked_up, so that the next window need not wait.
        if (const std::uint64_t stops = _bzhi_u64(closer, replaced.taken); stops != 0) [[unlikely]]
            replaced.taken = lowest(stops);
        if (const std::uint64_t looks = _bzhi_u64(window.doubtful, replaced.taken); looks != 0)
            replace_looked_up(non_ascii, window, looks, p, end, replaced);
        const unsigned taken = replaced.taken;
        const std::uint64_t spaces = _mm512_cmpeq_epi8_mask(replaced.bytes, _mm512_set1_epi8(' ')) & tidies;
        const std::uint64_t kept = _bzhi_u64(~(replaced.dropped | (spaces & (spaces << 1 | after_space))), taken);
        _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(kept, replaced.bytes));
        to += std::popcount(kept);
        if (taken == 0) break;
        after_space = spaces >> (taken - 1) & 1;
        p += taken;
        if (taken < window.size && (replaced.closer >> taken & 1) != 0) break;
        // Elsewhere it is not worth it.
        if (taken == window.whole && std::popcount(window.other) > kMostlyOther) {
            copied = {to, after_space != 0};
            p = copy_by_pages(table, non_ascii, p, end, copied);
            to = copied.to;
            after_space = copied.after_space;
        }
    }
    copied = {to, after_space != 0};
    return p;
}

}  // namespace ctxpack::sentencepiece

#endif
