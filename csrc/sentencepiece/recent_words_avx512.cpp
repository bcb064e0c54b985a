#include "sentencepiece/recent_words.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include "encoding/first_bytes_avx512.hpp"
#include "sentencepiece/bpe.hpp"
#include "sentencepiece/unigram.hpp"

namespace ctxpack::sentencepiece {

template <class Worth>
CTXPACK_AT_AVX512 void write_keys_avx512(const Bytes* starts, const Bytes* ends, std::size_t words, Bytes end,
                                         std::uint64_t* keys, std::size_t* homes) {
    using Recent = RecentWords<Worth>;
    const __m512i longest = _mm512_set1_epi64(Recent::kLongest), one = _mm512_set1_epi64(1);
    const __m512i mix = _mm512_set1_epi64(static_cast<long long>(kMix1));
    const auto write = [&](std::size_t i, std::size_t, __m512i text) CTXPACK_AT_AVX512 CTXPACK_ALWAYS_INLINE {
        const __m512i size = _mm512_sub_epi64(_mm512_loadu_si512(&ends[i]), _mm512_loadu_si512(&starts[i]));
        const __m512i kept = _mm512_sub_epi64(_mm512_sllv_epi64(one, _mm512_slli_epi64(size, 3)), one);
        const __m512i key = _mm512_maskz_andnot_epi64(_mm512_cmple_epu64_mask(size, longest), text, kept);
        _mm512_storeu_si512(&keys[i], key);
        _mm512_storeu_si512(&homes[i], _mm512_srli_epi64(_mm512_mullo_epi64(key, mix), 64 - Recent::kBits));
    };
    visit_first_bytes(starts, words, end, write);
}

template void write_keys_avx512<Bpe::Worth>(const Bytes*, const Bytes*, std::size_t, Bytes, std::uint64_t*,
                                            std::size_t*);
template void write_keys_avx512<Unigram::Worth>(const Bytes*, const Bytes*, std::size_t, Bytes, std::uint64_t*,
                                                std::size_t*);

}  // namespace ctxpack::sentencepiece

#endif
