#include "bpe/pairs.hpp"

#include <cstring>

namespace ctxpack::bpe {
namespace {

std::size_t copy_pairs(const TokenPair* pairs, std::size_t size, TokenId* to) {
    std::size_t copied = 0;
    for (std::size_t i = 0; i < size; ++i) {
        std::memcpy(to + copied, &pairs[i], sizeof pairs[i]);
        copied += 1 + std::size_t{pairs[i][1] != kNoToken};
    }
    return copied;
}

}  // namespace

CopyPairs copy_pairs_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return copy_pairs_avx512;
#endif
    (void)level;
    return copy_pairs;
}

}  // namespace ctxpack::bpe
