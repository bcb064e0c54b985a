#include "bpe/probe.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

namespace ctxpack::bpe {
namespace {

constexpr long long kText = (1ll << 56) - 1;  // of a key's second word: all but the count
constexpr unsigned kSecondWords = 0b10101010;

}  // namespace

// All slots that share a line with the home.
template <bool ids>
CTXPACK_AT_AVX512 std::size_t probe_avx512(Block& block, const PieceTable<16>& table, RecentTokens<ids>& recent) {
    const __m512i all_but_count = _mm512_set_epi64(kText, -1, kText, -1, kText, -1, kText, -1);
    std::size_t tokens = 0, left = 0;
    for (std::size_t i = 0; i < block.left; ++i) {
        const std::size_t first = table.set_at(block.hashes[i]);
        const __m512i set = _mm512_load_si512(&table.slot(first));
        const __m512i key = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&block.keys[i])));
        const unsigned same = _mm512_testn_epi64_mask(_mm512_xor_si512(set, key), all_but_count);
        const unsigned found = same & same << 1 & kSecondWords;
        const std::size_t slot = first + _tzcnt_u32(found | 0x80) / 2;
        const unsigned count = table.count(slot) & (found == 0 ? 0 : ~0u);
        const bool is_few = count - 1 < 2;
        if constexpr (ids) {
            block.pairs[block.rest[i]] = table.pair(slot);
            block.slots[i] = static_cast<std::uint32_t>(slot);
        }
        recent.note(ids ? is_few : count == 1, block.keys[i], table.pair(slot));
        tokens += count;
        block.unfound[left] = static_cast<std::uint32_t>(i);
        left += ids ? !is_few : count == 0;
    }
    block.left = left;
    return tokens;
}

template std::size_t probe_avx512<true>(Block& block, const PieceTable<16>& table, RecentTokens<true>& recent);
template std::size_t probe_avx512<false>(Block& block, const PieceTable<16>& table, RecentTokens<false>& recent);

}  // namespace ctxpack::bpe

#endif
