// Which vector instruction sets this processor has, of those that the core has code for.
#pragma once

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
#define CTXPACK_X86_VECTORS 1
#elif (defined(__GNUC__) || defined(__clang__)) && defined(__aarch64__)
#define CTXPACK_ARM_VECTORS 1
#endif

#if defined(CTXPACK_X86_VECTORS)
#define CTXPACK_AVX2 "avx2,bmi,bmi2,lzcnt,popcnt,pclmul"
#define CTXPACK_AVX512 CTXPACK_AVX2 ",avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,vpclmulqdq"
// For functions that run at one of these levels only. On a template it must be on the declaration, or the instances do
// not get it.
#define CTXPACK_AT_AVX2 __attribute__((target(CTXPACK_AVX2)))
#define CTXPACK_AT_AVX512 __attribute__((target(CTXPACK_AVX512)))
#endif

#if defined(__GNUC__) || defined(__clang__)
// For what a loop calls at every step: a compiler does not always see that it pays.
#define CTXPACK_ALWAYS_INLINE __attribute__((always_inline))
#else
#define CTXPACK_ALWAYS_INLINE
#endif
#if defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
// Inlines all that the function calls; not where addresses are checked, for that would take long to compile.
#define CTXPACK_FLATTENED __attribute__((flatten))
#else
#define CTXPACK_FLATTENED
#endif
#define CTXPACK_INLINE inline CTXPACK_ALWAYS_INLINE

namespace ctxpack::cpu {

enum class Level {
    portable,
    avx2,    // AVX2, BMI, BMI2, LZCNT, POPCNT and PCLMULQDQ
    avx512,  // these, AVX-512 with BW, CD, DQ, VL, VBMI and VBMI2, and VPCLMULQDQ
    neon,    // what every 64-bit ARM has
};

// Whether the processor and the system allow a level.
bool can_run(Level level);

// The level that the environment variable CTXPACK_CPU_LEVEL names, else the fastest that they allow. Asks once. Throws
// std::runtime_error where the variable names none, or one that they do not allow.
Level best_level();

}  // namespace ctxpack::cpu
