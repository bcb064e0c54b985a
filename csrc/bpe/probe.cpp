#include "bpe/probe.hpp"

namespace ctxpack::bpe {
namespace {

template <bool slots>
Probed probe_portable(Block& block, const PieceTable<16>& table, Bytes end) {
    for (std::size_t i = 0; i < block.filled; ++i) {
        block.keys[i] = piece_key<16>(block.starts[i], block.size(i), end);
        block.hashes[i] = hash_of(block.keys[i]);
        table.prefetch_home(block.hashes[i]);
    }
    Probed probed{};
    for (std::size_t i = 0; i < block.filled; ++i) {
        const std::size_t home = table.home(block.hashes[i]);
        const bool found = table.holds(home, block.keys[i]);
        if constexpr (slots) block.slots[i] = static_cast<std::uint32_t>(home);
        block.rest[probed.rest] = static_cast<std::uint32_t>(i);
        probed.rest += !found;
        probed.tokens += found ? table.count(home) : 0;
    }
    return probed;
}

}  // namespace

template <bool slots>
Probe probe_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return probe_avx512<slots>;
#endif
    (void)level;
    return probe_portable<slots>;
}

template Probe probe_for<true>(cpu::Level level);
template Probe probe_for<false>(cpu::Level level);

}  // namespace ctxpack::bpe
