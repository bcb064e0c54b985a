// Which of the vector instruction sets that some code is also written for this processor has.
#pragma once

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
#define CTXPACK_X86_VECTORS 1
// For what a loop calls at every step: a compiler does not always see that it pays.
#define CTXPACK_INLINE inline __attribute__((always_inline))
#endif

namespace ctxpack::cpu {

// Each level includes the ones before it.
enum class Level {
    portable,
    avx2,    // AVX2, BMI
    avx512,  // AVX-512 with BW, VBMI and VBMI2
};

// The highest level that the processor and the system allow. Asks the processor once.
Level best_level();

}  // namespace ctxpack::cpu
