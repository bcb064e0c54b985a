#include "sentencepiece/adding.hpp"

#include <cmath>

namespace ctxpack::sentencepiece {

// Few words have more than two tokens. Adding the zero that stands for none is faster than a branch.
Added add_scores_in_order(float sum, std::span<const WordScores> words, float unknown) {
    std::size_t tokens = words.size();
    bool has_unknown = false;
    for (const WordScores& scores : words) {
        sum += scores[0];
        has_unknown |= scores[0] == unknown;
        sum += scores[1];
        tokens += std::signbit(scores[1]);
        if (std::signbit(scores[2])) [[unlikely]] {
            sum += scores[2];
            sum += scores[3];
            tokens += 1U + std::signbit(scores[3]);
        }
    }
    return {sum, tokens, has_unknown};
}

AddScores add_scores_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return add_scores_avx512;
    if (level == cpu::Level::avx2) return add_scores_avx2;
#endif
    (void)level;
    return add_scores_in_order;
}

}  // namespace ctxpack::sentencepiece
