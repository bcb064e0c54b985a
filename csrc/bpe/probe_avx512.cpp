#include "bpe/probe.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>

namespace ctxpack::bpe {
namespace {

constexpr long long kText = (1ll << 56) - 1;  // of a key's second word: all but the count
constexpr unsigned kSecondWords = 0b10101010;

constexpr std::size_t kVector = 64;  // bytes

CTXPACK_AT_AVX512 CTXPACK_INLINE __mmask64 low_bits(std::size_t n) {
    return _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(n));
}

// The next bytes of a text, with zeros behind its end.
struct Window {
    static constexpr std::size_t kBytes = 2 * kVector;

    static CTXPACK_AT_AVX512 CTXPACK_INLINE Window roomy(Bytes p) {
        return {_mm512_loadu_si512(p), _mm512_loadu_si512(p + kVector)};
    }
    static CTXPACK_AT_AVX512 CTXPACK_INLINE Window last(Bytes p, Bytes end) {
        const std::size_t room = std::min(static_cast<std::size_t>(end - p), kBytes);
        return {_mm512_maskz_loadu_epi8(low_bits(room), p),
                _mm512_maskz_loadu_epi8(low_bits(std::max(room, kVector) - kVector), p + kVector)};
    }

    __m512i low, high;
};

// Keys of eight pretokens for the table of recent tokens, and their slots there: of those whose first bytes are in the
// window, which begins where the first of them does.
template <bool ids>
struct RecentKeys {
    CTXPACK_AT_AVX512 CTXPACK_INLINE RecentKeys(const Bytes* starts, const Bytes* ends, const Window& window) {
        const __m512i start = _mm512_loadu_si512(starts);
        const __m512i places = _mm512_sub_epi64(start, _mm512_set1_epi64(reinterpret_cast<long long>(starts[0])));
        const __m512i first = _mm512_shuffle_epi8(places, _mm512_broadcast_i32x4(_mm_set_epi64x(0x0808080808080808, 0)));
        const __m512i all = _mm512_add_epi8(first, _mm512_set1_epi64(0x0706050403020100));
        const __m512i text = _mm512_permutex2var_epi8(window.low, all, window.high);
        const __m512i eight = _mm512_set1_epi64(RecentTokens<ids>::kLongest + 1);
        const __m512i size = _mm512_min_epu64(_mm512_sub_epi64(_mm512_loadu_si512(ends), start), eight);
        const __m512i one = _mm512_set1_epi64(1);
        const __m512i kept = _mm512_sub_epi64(_mm512_sllv_epi64(one, _mm512_slli_epi64(size, 3)), one);
        const __mmask8 fits = _mm512_cmplt_epu64_mask(size, eight);
        const __m512i key = _mm512_or_si512(_mm512_maskz_and_epi64(fits, text, kept), _mm512_slli_epi64(size, 56));
        const __m512i hash = _mm512_mullo_epi64(key, _mm512_set1_epi64(static_cast<long long>(kMix1)));
        _mm512_store_si512(keys, key);
        _mm512_store_si512(slots, _mm512_srli_epi64(hash, 64 - RecentTokens<ids>::kBits));
    }

    alignas(kVector) std::uint64_t keys[Block::kLanes];
    alignas(kVector) std::uint64_t slots[Block::kLanes];
};

// Looks at the pretokens of a block, eight at a time.
template <bool ids>
class Finder {
public:
    Finder(Block& block, const RecentTokens<ids>& recent, Bytes end) : block_(block), recent_(recent), end_(end) {}

    // Returns how many are left.
    CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t find_all() {
        for (std::size_t i = 0; i < block_.filled;) i += is_roomy(i) ? find_eight(i) : find_few(i);
        return left_;
    }

private:
    static constexpr std::ptrdiff_t kNear = Window::kBytes - sizeof(std::uint64_t);  // bytes, in which a key may start

    bool is_near(std::size_t i, std::size_t first) const { return block_.starts[i] - block_.starts[first] <= kNear; }
    bool is_roomy(std::size_t i) const {
        const std::size_t last = i + Block::kLanes - 1;
        return last < block_.filled && is_near(last, i) && end_ - block_.starts[i] >= static_cast<std::ptrdiff_t>(Window::kBytes);
    }

    CTXPACK_AT_AVX512 CTXPACK_INLINE std::size_t find_eight(std::size_t i) {
        const RecentKeys<ids> looked(&block_.starts[i], &block_.ends[i], Window::roomy(block_.starts[i]));
#pragma GCC unroll 8
        for (std::size_t lane = 0; lane < Block::kLanes; ++lane) find(looked, i, lane);
        return Block::kLanes;
    }
    // Those that are left, or that are near enough; returns how many.
    CTXPACK_AT_AVX512 std::size_t find_few(std::size_t i) {
        const RecentKeys<ids> looked(&block_.starts[i], &block_.ends[i], Window::last(block_.starts[i], end_));
        const std::size_t most = std::min(block_.filled - i, Block::kLanes);
        std::size_t lane = 0;
        for (; lane < most && is_near(i + lane, i); ++lane) find(looked, i, lane);
        return lane;
    }
    CTXPACK_INLINE void find(const RecentKeys<ids>& looked, std::size_t i, std::size_t lane) {
        const std::size_t slot = looked.slots[lane];
        if constexpr (ids) block_.pairs[i + lane] = recent_.tokens(slot);
        block_.rest[left_] = static_cast<std::uint32_t>(i + lane);
        left_ += !recent_.holds(slot, looked.keys[lane]);
    }

    Block& block_;
    const RecentTokens<ids>& recent_;
    const Bytes end_;
    std::size_t left_ = 0;
};

}  // namespace

template <bool ids>
CTXPACK_AT_AVX512 void look_avx512(Block& block, const RecentTokens<ids>& recent, const PieceTable<16>& table, Bytes end) {
    block.left = Finder<ids>(block, recent, end).find_all();
    for (std::size_t i = 0; i < block.left; ++i) {
        const Bytes p = block.rest_start(i);
        const std::size_t size = block.sizes[i] = static_cast<std::size_t>(block.ends[block.rest[i]] - p);
        const std::uint32_t kept = size <= kShort ? _bzhi_u32(~0u, static_cast<unsigned>(size)) : 0;
        const __m128i text = _mm_maskz_loadu_epi8(static_cast<__mmask16>(kept), p);
        ShortKey key;
        _mm_storeu_si128(reinterpret_cast<__m128i*>(&key), text);
        key.words[1] |= static_cast<std::uint64_t>(std::min(size, kShort + 1)) << 48;
        block.keys[i] = key;
        block.hashes[i] = hash_of(key);
        table.prefetch_home(block.hashes[i]);
        if constexpr (ids) table.prefetch_pair(table.home(block.hashes[i]));
    }
}

template void look_avx512<true>(Block&, const RecentTokens<true>&, const PieceTable<16>&, Bytes);
template void look_avx512<false>(Block&, const RecentTokens<false>&, const PieceTable<16>&, Bytes);

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
