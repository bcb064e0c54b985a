// Looking up a block of pretokens, without a branch for any: among the tokens met lately, then in the table of keys
// of 16 bytes: at their home slot, or with vectors in all of its set.
//
// That table is larger than the fast caches of a processor, so its slots are asked for long before they are read.
#pragma once

#include "bpe/block.hpp"
#include "bpe/pretoken_table.hpp"
#include "bpe/recent_tokens.hpp"
#include "cpu/level.hpp"

namespace ctxpack::bpe {

// Finds what is among the recent tokens, and its ids if asked to; sets the keys and home slots of what is not and asks
// for these. The text ends at `end`; nothing past it is read.
template <bool wants_ids>
using FindRecent = void (*)(Block& block, const RecentTokens<wants_ids>& recent, const PretokenTable<16>& table,
                            Bytes end);

template <bool wants_ids>
FindRecent<wants_ids> find_recent_for(cpu::Level level);

// Finds what of the rest is at its home slot, or with vectors in that slot's set; and its ids if asked to: then only
// what is one token or two is found. Returns how many tokens it is.
template <bool wants_ids>
using Probe = std::size_t (*)(Block& block, const PretokenTable<16>& table, RecentTokens<wants_ids>& recent);

template <bool wants_ids>
Probe<wants_ids> probe_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
template <bool wants_ids>
CTXPACK_AT_AVX512 void find_recent_avx512(Block& block, const RecentTokens<wants_ids>& recent,
                                          const PretokenTable<16>& table, Bytes end);
template <bool wants_ids>
CTXPACK_AT_AVX512 std::size_t probe_avx512(Block& block, const PretokenTable<16>& table,
                                           RecentTokens<wants_ids>& recent);
template <bool wants_ids>
CTXPACK_AT_AVX2 std::size_t probe_avx2(Block& block, const PretokenTable<16>& table, RecentTokens<wants_ids>& recent);
#endif

}  // namespace ctxpack::bpe
