#include "bpe/probe.hpp"

namespace ctxpack::bpe {
namespace {

// The number of pretokens at whose start a key's bytes may be read.
std::size_t count_roomy(const Block& block, Bytes end) {
    std::size_t roomy = block.filled;
    while (roomy > 0 && end - block.starts[roomy - 1] < static_cast<std::ptrdiff_t>(sizeof(ShortKey))) --roomy;
    return roomy;
}

// Sets the key and hash of a pretoken and asks for its slot.
template <bool ids>
CTXPACK_INLINE void prepare(Block& block, std::size_t at, const ShortKey& key, const PieceTable<16>& table) {
    block.keys[at] = key;
    block.hashes[at] = hash_of(key);
    table.prefetch_home(block.hashes[at]);
    if constexpr (ids) table.prefetch_id(table.home(block.hashes[at]));
}

template <bool ids>
std::size_t probe_portable(Block& block, const PieceTable<16>& table, RecentTokens& recent) {
    std::size_t tokens = 0, left = 0;
    for (std::size_t i = 0; i < block.left; ++i) {
        const std::size_t at = block.rest[i], home = table.home(block.hashes[at]);
        const unsigned count = table.count(home);
        bool found = table.holds(home, block.keys[at]);
        if constexpr (ids) {
            found &= count == 1;
            block.ids[at] = table.id(home);
            block.slots[at] = static_cast<std::uint32_t>(home);
        }
        recent.note(found & (count == 1), block.keys[at], ids ? block.ids[at] : 0);
        tokens += found ? count : 0;
        block.rest[left] = static_cast<std::uint32_t>(at);
        left += !found;
    }
    block.left = left;
    return tokens;
}

}  // namespace

template <bool ids>
void look_among_recent(Block& block, const RecentTokens& recent, const PieceTable<16>& table, Bytes end) {
    const std::size_t roomy = count_roomy(block, end);
    std::size_t left = 0;
    for (std::size_t i = 0; i < roomy; ++i) {
        const std::uint64_t key = RecentTokens::key(block.starts[i], block.size(i));
        const std::size_t slot = recent.slot(key);
        if constexpr (ids) block.ids[i] = recent.id(slot);
        block.rest[left] = static_cast<std::uint32_t>(i);
        left += !recent.holds(slot, key);
    }
    for (std::size_t i = 0; i < left; ++i) {
        const std::size_t at = block.rest[i];
        prepare<ids>(block, at, roomy_key<16>(block.starts[at], block.size(at)), table);
    }
    for (std::size_t i = roomy; i < block.filled; ++i) {
        prepare<ids>(block, i, piece_key<16>(block.starts[i], block.size(i), end), table);
        block.rest[left++] = static_cast<std::uint32_t>(i);
    }
    block.left = left;
}

template void look_among_recent<true>(Block&, const RecentTokens&, const PieceTable<16>&, Bytes);
template void look_among_recent<false>(Block&, const RecentTokens&, const PieceTable<16>&, Bytes);

template <bool ids>
Probe probe_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return probe_avx512<ids>;
#endif
    (void)level;
    return probe_portable<ids>;
}

template Probe probe_for<true>(cpu::Level level);
template Probe probe_for<false>(cpu::Level level);

}  // namespace ctxpack::bpe
