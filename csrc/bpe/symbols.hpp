// What a merge starts from.
#pragma once

#include "bpe/merges.hpp"

namespace ctxpack::bpe {

// Writes the tokens that BPE may start from in [begin, end), which are what its characters become by themselves where
// that is safe and bytes elsewhere; says how many they are. `to` has room for one more than there are bytes.
std::size_t first_symbols(const Vocabulary& vocabulary, const Merges& merges, Bytes begin, Bytes end, TokenId* to);

}  // namespace ctxpack::bpe
