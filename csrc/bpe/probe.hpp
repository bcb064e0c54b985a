// Looking up a block of pretokens at the home slots of the table of brief pieces, without a branch for any.
//
// The table is larger than the fast caches of a processor, so the slots of all pretokens are asked for before the first
// of them is read.
#pragma once

#include <array>

#include "bpe/piece_table.hpp"
#include "cpu/level.hpp"
#include "split/splitter.hpp"

namespace ctxpack::bpe {

struct Block {
    std::size_t size(std::size_t at) const { return static_cast<std::size_t>(starts[at + 1] - starts[at]); }

    std::size_t filled;
    std::array<Bytes, split::kStarts + 1> starts;
    std::array<ShortKey, split::kStarts> keys;
    std::array<std::uint64_t, split::kStarts> hashes;
    std::array<std::uint32_t, split::kStarts> slots;  // of the table, for the pretokens that were found
    std::array<std::uint32_t, split::kStarts> rest;  // the pretokens, in order, that were not found
};

struct Probed {
    std::size_t rest;    // how many were not found
    std::size_t tokens;  // of those that were
};

// Sets the keys, hashes and rest of a block of pretokens of a text that ends at `end`, and their slots if asked to.
using Probe = Probed (*)(Block& block, const PieceTable<16>& table, Bytes end);

template <bool slots>
Probe probe_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
// The attribute has to stand where the template is declared, or its instances go without.
template <bool slots>
__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl"))) Probed probe_avx512(Block& block, const PieceTable<16>& table, Bytes end);
#endif

}  // namespace ctxpack::bpe
