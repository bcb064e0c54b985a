// Loads the first eight bytes of eight pretokens or words at once, to make keys of.
#pragma once

#include "cpu/avx512.hpp"
#include "encoding/text_key.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>

namespace ctxpack {

static_assert(kTextsAtOnce * sizeof(Bytes) == sizeof(__m512i));

// The next bytes of a text, with zeros past its end.
struct TextWindow {
    static constexpr std::size_t kBytes = 128, kHalf = kBytes / 2;

    static CTXPACK_AT_AVX512 CTXPACK_INLINE TextWindow roomy(Bytes p) {
        return {_mm512_loadu_si512(p), _mm512_loadu_si512(p + kHalf)};
    }
    static CTXPACK_AT_AVX512 CTXPACK_INLINE TextWindow last(Bytes p, Bytes end) {
        const std::size_t room = std::min(static_cast<std::size_t>(end - p), kBytes);
        return {half(p, room), half(p + kHalf, std::max(room, kHalf) - kHalf)};
    }

    __m512i low, high;

private:
    static CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i half(Bytes p, std::size_t room) {
        return _mm512_maskz_loadu_epi8(cpu::first_bits(room), p);
    }
};

// The first eight bytes of kTextsAtOnce texts, from a window that begins where the first does; anything for
// those that do not lie in it.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i first_bytes(const Bytes* starts, const TextWindow& window) {
    const __m512i begin = _mm512_set1_epi64(reinterpret_cast<long long>(*starts));
    const __m512i places = _mm512_sub_epi64(_mm512_loadu_si512(starts), begin);
    const __m512i lowest = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0808080808080808, 0));
    const __m512i each = _mm512_add_epi8(_mm512_shuffle_epi8(places, lowest), _mm512_set1_epi64(0x0706050403020100));
    return _mm512_permutex2var_epi8(window.low, each, window.high);
}

// Calls visit(i, count, bytes) for a few texts at a time, in order: `count` of them from i on, with the first eight
// bytes of each. Past the text's end are zeros.
template <class Visit>
CTXPACK_AT_AVX512 CTXPACK_INLINE void visit_first_bytes(const Bytes* starts, std::size_t texts, Bytes end,
                                                        Visit visit) {
    constexpr auto kWindow = static_cast<std::ptrdiff_t>(TextWindow::kBytes), kNear = kWindow - 8;
    for (std::size_t i = 0; i < texts;) {
        const Bytes p = starts[i];
        const std::size_t most = std::min(texts - i, kTextsAtOnce);
        if (most == kTextsAtOnce && starts[i + most - 1] - p <= kNear && end - p >= kWindow) [[likely]] {
            visit(i, kTextsAtOnce, first_bytes(&starts[i], TextWindow::roomy(p)));
            i += kTextsAtOnce;
        } else {
            std::size_t count = 1;
            while (count < most && starts[i + count] - p <= kNear) ++count;
            visit(i, count, first_bytes(&starts[i], TextWindow::last(p, end)));
            i += count;
        }
    }
}

}  // namespace ctxpack

#endif
