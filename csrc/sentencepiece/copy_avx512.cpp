#include "sentencepiece/copy.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>
#include <bit>

namespace ctxpack::sentencepiece {

#define CTXPACK_AVX512 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vbmi,avx512vbmi2")))

CTXPACK_AVX512 Bytes copy_avx512(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied) {
    constexpr std::ptrdiff_t kWindow = 64;
    const __m512i low = _mm512_loadu_si512(table.bytes.data()), high = _mm512_loadu_si512(table.bytes.data() + kWindow);
    const __m512i space = _mm512_set1_epi8(' ');
    const std::uint64_t tidies = table.tidies ? ~std::uint64_t{0} : 0;
    std::uint8_t* to = copied.to;
    std::uint64_t after_space = copied.after_space;
    while (p < end) {
        const auto size = static_cast<unsigned>(std::min(end - p, kWindow));
        const __m512i text = _mm512_maskz_loadu_epi8(_bzhi_u64(~std::uint64_t{0}, size), p);
        const std::uint64_t other = _mm512_movepi8_mask(text);
        const std::uint64_t behind = end - p > kWindow ? p[kWindow] >> 7 : 0;
        const __m512i bytes = _mm512_permutex2var_epi8(low, text, high);
        const std::uint64_t closer = _mm512_movepi8_mask(bytes) | other | other >> 1 | behind << (kWindow - 1);
        const unsigned taken = std::min(static_cast<unsigned>(_tzcnt_u64(closer)), size);
        const std::uint64_t spaces = _mm512_cmpeq_epi8_mask(bytes, space) & tidies;
        const std::uint64_t kept = _bzhi_u64(~(spaces & (spaces << 1 | after_space)), taken);
        _mm512_storeu_si512(to, _mm512_maskz_compress_epi8(kept, bytes));
        to += std::popcount(kept);
        if (taken == 0) break;
        after_space = spaces >> (taken - 1) & 1;
        p += taken;
        if (taken < size) break;
    }
    copied = {to, after_space != 0};
    return p;
}

CTXPACK_AVX512 Bytes copy_verbatim_avx512(const VerbatimTable& table, Bytes p, Bytes end, std::uint8_t*& to) {
    constexpr std::size_t kWindow = 64;
    const std::uint8_t* const bytes = table.bytes.data();
    const __m512i first = _mm512_load_si512(bytes), second = _mm512_load_si512(bytes + kWindow);
    const __m512i third = _mm512_load_si512(bytes + 2 * kWindow), fourth = _mm512_load_si512(bytes + 3 * kWindow);
    while (p < end) {
        const auto filled = std::min<std::size_t>(static_cast<std::size_t>(end - p), kWindow);
        const __mmask64 inside = ~std::uint64_t{0} >> (kWindow - filled);
        const __m512i window = _mm512_maskz_loadu_epi8(inside, p);
        const __m512i low = _mm512_permutex2var_epi8(first, window, second);
        const __m512i high = _mm512_permutex2var_epi8(third, window, fourth);
        const __m512i stays = _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(window), high);
        const auto copied = static_cast<std::size_t>(std::countr_one(_mm512_movepi8_mask(stays) & inside));
        _mm512_storeu_si512(to, window);
        to += copied;
        p += copied;
        if (copied < kWindow) break;
    }
    return p;
}

}  // namespace ctxpack::sentencepiece

#endif
