#include "bpe/probe.hpp"

namespace ctxpack::bpe {
namespace {

constexpr std::ptrdiff_t kRead = sizeof(ShortKey);  // bytes that are read of a pretoken

// The number of pretokens at whose start kRead bytes may be read.
std::size_t count_roomy(const Block& block, Bytes end) {
    std::size_t roomy = block.filled;
    while (roomy > 0 && end - block.starts[roomy - 1] < kRead) --roomy;
    return roomy;
}

// As FindRecent, for the pretokens [from, to), whose text is at `text`, and whose ends are at `ends`.
template <bool wants_ids>
CTXPACK_INLINE void find_recent(Block& block, const Bytes* ends, std::size_t from, std::size_t to, Bytes text,
                                const RecentTokens<wants_ids>& recent, const PretokenTable<16>& table) {
    const Bytes start = block.starts[from];
    const std::size_t left_before = block.left;
    std::size_t left = left_before;
#pragma GCC unroll 4
    for (std::size_t i = from; i < to; ++i) {
        const Bytes p = block.starts[i];
        const std::uint64_t key =
            RecentTokens<wants_ids>::key(text + (p - start), static_cast<std::size_t>(ends[i] - p));
        const std::size_t slot = recent.slot(key);
        if constexpr (wants_ids) block.pairs[i] = recent.tokens(slot);
        block.rest[left] = static_cast<std::uint32_t>(i);
        left += !recent.holds(slot, key);
    }
    for (std::size_t i = left_before; i < left; ++i) {
        const Bytes p = block.rest_start(i);
        block.sizes[i] = static_cast<std::size_t>(ends[block.rest[i]] - p);
        block.keys[i] = roomy_key<16>(text + (p - start), block.sizes[i]);
        const std::size_t home = table.home(hash_of(block.keys[i]));
        block.slots[i] = static_cast<std::uint32_t>(home);
        table.prefetch_slot(home);
        if constexpr (wants_ids) table.prefetch_pair(home);
    }
    block.left = left;
}

template <bool wants_ids>
std::size_t probe_portable(Block& block, const PretokenTable<16>& table, RecentTokens<wants_ids>& recent) {
    std::size_t tokens = 0, left = 0;
    for (std::size_t i = 0; i < block.left; ++i) {
        const std::size_t home = block.slots[i];
        const unsigned count = table.count(home);
        bool found = table.holds(home, block.keys[i]);
        if constexpr (wants_ids) {
            found &= count <= 2;
            block.pairs[block.rest[i]] = table.pair(home);
        }
        recent.note(found & (wants_ids | (count == 1)), block.keys[i], table.pair(home));
        tokens += found ? count : 0;
        block.unfound[left] = static_cast<std::uint32_t>(i);
        left += !found;
    }
    block.left = left;
    return tokens;
}

template <bool wants_ids>
void find_recent_portable(Block& block, const RecentTokens<wants_ids>& recent, const PretokenTable<16>& table,
                          Bytes end) {
    const std::size_t roomy = count_roomy(block, end);
    block.left = 0;
    // Said twice, so that each start is read but once where it is also an end.
    if (block.ends == &block.starts[1]) {
        find_recent<wants_ids>(block, &block.starts[1], 0, roomy, block.starts[0], recent, table);
    } else {
        find_recent<wants_ids>(block, block.part_ends.data(), 0, roomy, block.starts[0], recent, table);
    }
    if (roomy == block.filled) return;
    std::uint8_t copy[2 * kRead] = {};
    std::copy(block.starts[roomy], end, copy);
    find_recent<wants_ids>(block, block.ends, roomy, block.filled, copy, recent, table);
}

}  // namespace

template <bool wants_ids>
FindRecent<wants_ids> find_recent_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return find_recent_avx512<wants_ids>;
#endif
    (void)level;
    return find_recent_portable<wants_ids>;
}

template FindRecent<true> find_recent_for<true>(cpu::Level level);
template FindRecent<false> find_recent_for<false>(cpu::Level level);

template <bool wants_ids>
Probe<wants_ids> probe_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return probe_avx512<wants_ids>;
    if (level == cpu::Level::avx2) return probe_avx2<wants_ids>;
#endif
    (void)level;
    return probe_portable<wants_ids>;
}

template Probe<true> probe_for<true>(cpu::Level level);
template Probe<false> probe_for<false>(cpu::Level level);

}  // namespace ctxpack::bpe
