#include "bpe/probe.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

namespace ctxpack::bpe {
namespace {

constexpr unsigned kFirstWords = 0b01010101;  // of the four slots of a set
static_assert(PretokenTable<16>::kWays * sizeof(ShortKey) == 2 * sizeof(__m256i));

// One bit a word: which of two slots' are the same as a key's, the count left out.
CTXPACK_AT_AVX2 CTXPACK_INLINE unsigned same_words(const ShortKey* slots, __m256i key) {
    constexpr long long kText = (1ll << 56) - 1;
    const __m256i both = _mm256_load_si256(reinterpret_cast<const __m256i*>(slots));
    const __m256i text = _mm256_and_si256(both, _mm256_set_epi64x(kText, -1, kText, -1));
    return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(text, key))));
}

}  // namespace

// Looks at all slots of the home's set.
template <bool wants_ids>
CTXPACK_AT_AVX2 std::size_t probe_avx2(Block& block, const PretokenTable<16>& table, RecentTokens<wants_ids>& recent) {
    std::size_t tokens = 0, left = 0;
    for (std::size_t i = 0; i < block.left; ++i) {
        const std::size_t first = table.set_of(block.slots[i]);
        const __m256i key =
            _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&block.keys[i])));
        const unsigned same = same_words(&table.slot(first), key) | same_words(&table.slot(first + 2), key) << 4;
        const unsigned found = same & same >> 1 & kFirstWords;
        const std::size_t slot = first + _tzcnt_u32(found | 1 << 6) / 2;
        const unsigned count = found != 0 ? table.count(slot) : 0;
        const bool is_few = count - 1 < 2;
        if constexpr (wants_ids) {
            block.pairs[block.rest[i]] = table.pair(slot);
            block.slots[i] = static_cast<std::uint32_t>(slot);
        }
        recent.note(wants_ids ? is_few : count == 1, block.keys[i], table.pair(slot));
        tokens += count;
        block.unfound[left] = static_cast<std::uint32_t>(i);
        left += wants_ids ? !is_few : count == 0;
    }
    block.left = left;
    return tokens;
}

template std::size_t probe_avx2<true>(Block& block, const PretokenTable<16>& table, RecentTokens<true>& recent);
template std::size_t probe_avx2<false>(Block& block, const PretokenTable<16>& table, RecentTokens<false>& recent);

}  // namespace ctxpack::bpe

#endif
