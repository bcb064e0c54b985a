// Pretokens of one or two tokens. Most are, so their tokens are copied without a branch.
#pragma once

#include <array>

#include "cpu/level.hpp"
#include "encoding/types.hpp"

namespace ctxpack::bpe {

// kNoToken follows the only one.
using TokenPair = std::array<TokenId, 2>;

// Copies the tokens of `size` pretokens; returns how many they are. Reads up to kCopied pairs past the last, and writes
// up to 2 * (size + kCopied) tokens.
using CopyPairs = std::size_t (*)(const TokenPair* pairs, std::size_t size, TokenId* to);
inline constexpr std::size_t kCopied = 16;

// The fastest one that a processor of that level can run.
CopyPairs copy_pairs_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
CTXPACK_AT_AVX512 std::size_t copy_pairs_avx512(const TokenPair* pairs, std::size_t size, TokenId* to);
#endif

}  // namespace ctxpack::bpe
