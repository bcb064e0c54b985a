// Looking up a block of pretokens, without a branch for any: among the tokens met lately, then at the home slots of the
// table of brief pieces.
//
// That table is larger than the fast caches of a processor, so its slots are asked for long before they are read.
#pragma once

#include <array>

#include "bpe/piece_table.hpp"
#include "bpe/recent_tokens.hpp"
#include "cpu/level.hpp"
#include "encoding/first_bytes.hpp"
#include "split/splitter.hpp"

namespace ctxpack::bpe {

// Pretokens on their way through a scan: Parts tells how many they are and where they start and end, Look finds some of
// them, Probe some of the rest; what is then left, Scan looks up one by one.
struct Block {
    Bytes rest_start(std::size_t i) const { return starts[rest[i]]; }

    std::size_t filled;  // pretokens, or parts of them
    std::size_t left;    // of them, that were not found yet
    std::array<Bytes, split::kStarts + kPiecesAtOnce> starts;
    std::array<TokenPair, split::kStarts + kCopied> pairs;  // of what was found, where ids are wanted
    std::array<std::uint32_t, split::kStarts> rest;         // those that are no recent tokens, in order
    // By places in rest, so that little memory is touched:
    std::array<std::size_t, split::kStarts> sizes;
    std::array<ShortKey, split::kStarts> keys;
    std::array<std::uint32_t, split::kStarts> slots;    // their home slots, then those that they may be at
    std::array<std::uint32_t, split::kStarts> unfound;  // the places of those that are not at home slots either
    std::array<std::uint64_t, split::kStarts> hashes;   // of these, and of what is too long for such a key
    // Where they end: either where the next ones start or, of parts between which some are left out, at places of their
    // own.
    const Bytes* ends;
    std::array<Bytes, split::kStarts + kPiecesAtOnce> part_ends;
};

// Finds what is among the recent tokens, and its ids if asked to; sets the keys and home slots of what is not and asks
// for these. The text ends at `end`; nothing behind it is read.
template <bool ids>
using Look = void (*)(Block& block, const RecentTokens<ids>& recent, const PieceTable<16>& table, Bytes end);

template <bool ids>
Look<ids> look_for(cpu::Level level);

// Finds what of the rest is at home slots, and its ids if asked to: then only what is one token or two is found.
// Returns how many tokens it is.
template <bool ids>
using Probe = std::size_t (*)(Block& block, const PieceTable<16>& table, RecentTokens<ids>& recent);

template <bool ids>
Probe<ids> probe_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
template <bool ids>
CTXPACK_AT_AVX512 void look_avx512(Block& block, const RecentTokens<ids>& recent, const PieceTable<16>& table,
                                   Bytes end);
template <bool ids>
CTXPACK_AT_AVX512 std::size_t probe_avx512(Block& block, const PieceTable<16>& table, RecentTokens<ids>& recent);
#endif

}  // namespace ctxpack::bpe
