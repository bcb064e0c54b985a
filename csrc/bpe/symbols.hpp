// What a merge starts from.
#pragma once

#include "bpe/merges.hpp"

namespace ctxpack::bpe {

// Writes the tokens that BPE may start from in [begin, end), which are what its characters become by themselves where
// that is safe and bytes elsewhere; says how many they are. `to` has room for one more than there are bytes.
std::size_t first_symbols(const Vocabulary& vocabulary, const Merges& merges, Bytes begin, Bytes end, TokenId* to);

// Of a text that falls apart where no merge reaches across: how many symbols it starts from, and whether these are its
// tokens.
struct Part {
    std::uint16_t symbols = 0;
    bool is_known = false;
};

// The same of whole characters, by parts; returns how many there are.
std::size_t symbols_by_parts(const Vocabulary& vocabulary, const Merges& merges, Bytes begin, Bytes end, TokenId* to,
                             Part* parts);

}  // namespace ctxpack::bpe
