// Adding the scores of words to a unigram model's sum as the reference does: one by one, rounded each time.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "cpu/level.hpp"

namespace ctxpack::sentencepiece {

// The scores of a word's tokens, each from -0 down to -kLargestScore; +0 where there are no more.
using WordScores = std::array<float, 4>;
inline constexpr float kLargestScore = 128.0F;

struct Added {
    float sum;
    std::size_t tokens;
    bool has_unknown;  // whether a token scores what the unknown piece does
};

// The sum after some words, each of one token at least, and how many tokens they are.
using AddScores = Added (*)(float sum, std::span<const WordScores> words, float unknown);

Added add_scores_in_order(float sum, std::span<const WordScores> words, float unknown);

// The fastest one that a processor of that level can run.
AddScores add_scores_for(cpu::Level level);

#if defined(CTXPACK_X86_VECTORS)
CTXPACK_AT_AVX2 Added add_scores_avx2(float sum, std::span<const WordScores> words, float unknown);
CTXPACK_AT_AVX512 Added add_scores_avx512(float sum, std::span<const WordScores> words, float unknown);
#endif

}  // namespace ctxpack::sentencepiece
