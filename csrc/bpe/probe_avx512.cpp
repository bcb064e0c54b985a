#include "bpe/probe.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <algorithm>

#include "encoding/first_bytes_avx512.hpp"

namespace ctxpack::bpe {
namespace {

constexpr long long kText = (1ll << 56) - 1;   // of a key's second word: all but the count
constexpr unsigned kSecondWords = 0b10101010;  // of the four slots of a set
static_assert(PretokenTable<16>::kWays * sizeof(ShortKey) == sizeof(__m512i));

// Keys of eight pretokens for the table of recent tokens, and their slots there.
template <bool wants_ids>
struct RecentKeys {
    CTXPACK_AT_AVX512 CTXPACK_INLINE RecentKeys(const Bytes* starts, const Bytes* ends, __m512i text) {
        using Recent = RecentTokens<wants_ids>;
        const __m512i size = _mm512_sub_epi64(_mm512_loadu_si512(ends), _mm512_loadu_si512(starts));
        const __m512i length = _mm512_min_epu64(size, _mm512_set1_epi64(Recent::kLongest + 1));
        const __m512i key = _mm512_or_si512(_mm512_and_si512(text, of_length(Recent::kTexts, length)),
                                            of_length(Recent::kLengthMarks, length));
        const __m512i hash = _mm512_mullo_epi64(key, _mm512_set1_epi64(static_cast<long long>(kMix1)));
        _mm512_store_si512(keys, key);
        _mm512_store_si512(slots, _mm512_srli_epi64(hash, 64 - RecentTokens<wants_ids>::kBits));
    }

    // What an array of sixteen has at eight places.
    static CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i of_length(const std::array<std::uint64_t, 16>& values,
                                                              __m512i length) {
        return _mm512_permutex2var_epi64(_mm512_loadu_si512(&values[0]), length, _mm512_loadu_si512(&values[8]));
    }

    alignas(64) std::uint64_t keys[kTextsAtOnce];
    alignas(64) std::uint64_t slots[kTextsAtOnce];
};

// Finds recent tokens among a block's pretokens. Returns how many are not, which `rest` then tells.
template <bool wants_ids>
CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t find_recent(Block& block, const RecentTokens<wants_ids>& recent,
                                                         Bytes end) {
    std::size_t left = 0;
    const auto find = [&](std::size_t i, std::size_t count, __m512i text) CTXPACK_AT_AVX512 CTXPACK_ALWAYS_INLINE {
        const RecentKeys<wants_ids> looked(&block.starts[i], &block.ends[i], text);
#pragma GCC unroll 8
        for (std::size_t lane = 0; lane < count; ++lane) {
            const std::size_t slot = looked.slots[lane];
            if constexpr (wants_ids) block.pairs[i + lane] = recent.tokens(slot);
            block.rest[left] = static_cast<std::uint32_t>(i + lane);
            left += !recent.holds(slot, looked.keys[lane]);
        }
    };
    visit_first_bytes(block.starts.data(), block.filled, end, find);
    return left;
}

}  // namespace

template <bool wants_ids>
CTXPACK_AT_AVX512 void find_recent_avx512(Block& block, const RecentTokens<wants_ids>& recent,
                                          const PretokenTable<16>& table, Bytes end) {
    block.left = find_recent(block, recent, end);
    for (std::size_t i = 0; i < block.left; ++i) {
        const Bytes p = block.rest_start(i);
        const std::size_t size = block.sizes[i] = static_cast<std::size_t>(block.ends[block.rest[i]] - p);
        const std::uint32_t kept = size <= kShort ? _bzhi_u32(~0u, static_cast<unsigned>(size)) : 0;
        const __m128i text = _mm_maskz_loadu_epi8(static_cast<__mmask16>(kept), p);
        ShortKey key;
        _mm_storeu_si128(reinterpret_cast<__m128i*>(&key), text);
        key.words[1] |= static_cast<std::uint64_t>(std::min(size, kShort + 1)) << 48;
        block.keys[i] = key;
        const std::size_t home = table.home(hash_of(key));
        block.slots[i] = static_cast<std::uint32_t>(home);
        table.prefetch_slot(home);
        if constexpr (wants_ids) table.prefetch_pair(home);
    }
}

template void find_recent_avx512<true>(Block&, const RecentTokens<true>&, const PretokenTable<16>&, Bytes);
template void find_recent_avx512<false>(Block&, const RecentTokens<false>&, const PretokenTable<16>&, Bytes);

// Looks at all slots of the home's set.
template <bool wants_ids>
CTXPACK_AT_AVX512 std::size_t probe_avx512(Block& block, const PretokenTable<16>& table,
                                           RecentTokens<wants_ids>& recent) {
    const __m512i all_but_count = _mm512_set_epi64(kText, -1, kText, -1, kText, -1, kText, -1);
    std::size_t tokens = 0, left = 0;
    for (std::size_t i = 0; i < block.left; ++i) {
        const std::size_t first = table.set_of(block.slots[i]);
        const __m512i set = _mm512_load_si512(&table.slot(first));
        const __m512i key = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&block.keys[i])));
        const unsigned same = _mm512_testn_epi64_mask(_mm512_xor_si512(set, key), all_but_count);
        const unsigned found = same & same << 1 & kSecondWords;
        const std::size_t slot = first + _tzcnt_u32(found | 0x80) / 2;
        // No slot has no tokens.
        const __m128i last = _mm512_castsi512_si128(_mm512_maskz_compress_epi64(static_cast<__mmask8>(found), set));
        const auto count = static_cast<unsigned>(static_cast<std::uint64_t>(_mm_cvtsi128_si64(last)) >> 56);
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

template std::size_t probe_avx512<true>(Block& block, const PretokenTable<16>& table, RecentTokens<true>& recent);
template std::size_t probe_avx512<false>(Block& block, const PretokenTable<16>& table, RecentTokens<false>& recent);

}  // namespace ctxpack::bpe

#endif
