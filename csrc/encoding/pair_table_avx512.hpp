// What PairTable does, with vectors: for sixteen pairs at once, or in all slots of a set.
#pragma once

#include "cpu/avx512.hpp"
#include "encoding/pair_table.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack {

using cpu::broadcast;

// As PairTable::hash.
CTXPACK_AT_AVX512 inline __m512i hash_of(__m512i left, __m512i right) {
    const __m512i hash = _mm512_add_epi32(_mm512_mullo_epi32(left, broadcast(PairTable::kLeft)),
                                          _mm512_mullo_epi32(right, broadcast(PairTable::kRight)));
    return _mm512_mullo_epi32(_mm512_xor_si512(hash, _mm512_srli_epi32(hash, 15)), broadcast(PairTable::kBoth));
}

// As PairTable::may_merge, for the lanes in `asking`.
CTXPACK_AT_AVX512 inline __mmask16 may_merge(const PairTable& pairs, __mmask16 asking, __m512i hash) {
    const __m512i words = _mm512_srl_epi32(hash, _mm_cvtsi32_si128(static_cast<int>(pairs.filter_shift())));
    const __m512i found = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), asking, words, pairs.filter(), 4);
    return _mm512_test_epi32_mask(found, _mm512_sllv_epi32(broadcast(1), _mm512_and_si512(hash, broadcast(31))));
}

// As PairTable::look_up.
CTXPACK_AT_AVX512 inline TokenId look_up(const PairTable& pairs, const PairTable::Query& query) {
    static_assert(PairTable::kWays * sizeof(std::uint64_t) == sizeof(__m256i));
    const __m256i set = _mm256_load_si256(reinterpret_cast<const __m256i*>(pairs.set(query.hash)));
    const __m256i keys = _mm256_andnot_si256(_mm256_set1_epi64x(PairTable::kValue), set);
    const __mmask8 same = _mm256_cmpeq_epi64_mask(keys, _mm256_set1_epi64x(static_cast<long long>(query.key)));
    // Not in a full set: rare, while each of the two by itself is not.
    if ((same | (_mm256_testn_epi64_mask(set, set) & 15)) == 0) [[unlikely]]
        return pairs.look_up(query);
    const __m128i slot = _mm256_castsi256_si128(_mm256_maskz_compress_epi64(same, set));
    return static_cast<TokenId>(static_cast<std::uint64_t>(_mm_cvtsi128_si64(slot)) & PairTable::kValue) - 1;
}

}  // namespace ctxpack

#endif
