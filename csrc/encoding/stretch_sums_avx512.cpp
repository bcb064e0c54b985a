#include "encoding/stretch_sums.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include "cpu/avx512.hpp"

namespace ctxpack {
namespace {

// Carry-less products of the two words of each pair.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i products(__m512i text, const std::uint64_t* key) {
    const __m512i words = _mm512_xor_si512(text, _mm512_load_si512(key));
    return _mm512_clmulepi64_epi128(words, words, 0x10);
}

CTXPACK_AT_AVX512 CTXPACK_INLINE Uint128 all_pairs(__m512i sums) {
    std::array<std::uint64_t, 8> words;
    _mm512_storeu_si512(words.data(), sums);
    return {words[0] ^ words[2] ^ words[4] ^ words[6], words[1] ^ words[3] ^ words[5] ^ words[7]};
}

}  // namespace

CTXPACK_AT_AVX512 Sums sums_avx512(std::string_view text, const SumKey& key) {
    __m512i first = _mm512_setzero_si512(), second = _mm512_setzero_si512();
    const auto add = [&](__m512i words, const std::uint64_t* at) CTXPACK_AT_AVX512 {
        first = _mm512_xor_si512(first, products(words, at));
        second = _mm512_xor_si512(second, products(words, at + SumKey::kShift));
    };
    std::size_t at = 0;
    for (; text.size() - at >= kSumBytes; at += kSumBytes) {
        add(_mm512_loadu_si512(text.data() + at), &key.words[at / 8]);
    }
    const __mmask64 rest = cpu::first_bits(text.size() - at);
    if (rest != 0) add(_mm512_maskz_loadu_epi8(rest, text.data() + at), &key.words[at / 8]);
    return {all_pairs(first), all_pairs(second)};
}

}  // namespace ctxpack

#endif
