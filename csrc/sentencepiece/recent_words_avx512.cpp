#include "sentencepiece/recent_words.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include "encoding/first_bytes.hpp"
#include "sentencepiece/bpe.hpp"
#include "sentencepiece/unigram.hpp"

namespace ctxpack::sentencepiece {
namespace {

// Keys of eight words, and their homes.
template <class Worth>
struct RecentKeys {
    CTXPACK_AT_AVX512 CTXPACK_INLINE RecentKeys(const Bytes* starts, const Bytes* ends, __m512i text) {
        const __m512i longest = _mm512_set1_epi64(RecentWords<Worth>::kLongest), one = _mm512_set1_epi64(1);
        const __m512i size = _mm512_sub_epi64(_mm512_loadu_si512(ends), _mm512_loadu_si512(starts));
        const __m512i kept = _mm512_sub_epi64(_mm512_sllv_epi64(one, _mm512_slli_epi64(size, 3)), one);
        const __m512i key = _mm512_maskz_andnot_epi64(_mm512_cmple_epu64_mask(size, longest), text, kept);
        const __m512i hash = _mm512_mullo_epi64(key, _mm512_set1_epi64(static_cast<long long>(bpe::kMix1)));
        _mm512_store_si512(keys, key);
        _mm512_store_si512(homes, _mm512_srli_epi64(hash, 64 - RecentWords<Worth>::kBits));
    }

    alignas(64) std::uint64_t keys[kPiecesAtOnce];
    alignas(64) std::uint64_t homes[kPiecesAtOnce];
};

}  // namespace

template <class Worth>
CTXPACK_AT_AVX512 std::size_t find_words_avx512(const RecentWords<Worth>& recent, const Bytes* starts,
                                                const Bytes* ends, std::size_t words, Bytes end, Worth* worths,
                                                std::uint32_t* rest) {
    std::size_t left = 0;
    const auto find = [&](std::size_t i, std::size_t count, __m512i text) CTXPACK_AT_AVX512 CTXPACK_INLINED {
        const RecentKeys<Worth> looked(&starts[i], &ends[i], text);
#pragma GCC unroll 8
        for (std::size_t lane = 0; lane < count; ++lane) {
            rest[left] = static_cast<std::uint32_t>(i + lane);
            left += !recent.find(looked.keys[lane], looked.homes[lane], worths[i + lane]);
        }
    };
    visit_first_bytes(starts, words, end, find);
    return left;
}

template std::size_t find_words_avx512(const RecentWords<Bpe::Worth>&, const Bytes*, const Bytes*, std::size_t, Bytes,
                                       Bpe::Worth*, std::uint32_t*);
template std::size_t find_words_avx512(const RecentWords<Unigram::Worth>&, const Bytes*, const Bytes*, std::size_t,
                                       Bytes, Unigram::Worth*, std::uint32_t*);

}  // namespace ctxpack::sentencepiece

#endif
