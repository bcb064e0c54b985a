#include "cpu/level.hpp"

#include <initializer_list>

#if defined(CTXPACK_X86_VECTORS)
#include <cpuid.h>
#endif

namespace ctxpack::cpu {
namespace {

#if defined(CTXPACK_X86_VECTORS)
// Not every compiler knows this one by name.
bool has_lzcnt() {
    unsigned a, b, c, d;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c & bit_LZCNT) != 0;
}
#endif

Level detect() {
    for (const Level level : {Level::neon, Level::avx512, Level::avx2}) {
        if (can_run(level)) return level;
    }
    return Level::portable;
}

}  // namespace

bool can_run(Level level) {
#if defined(CTXPACK_X86_VECTORS)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") && has_lzcnt();
    if (level == Level::avx2) return avx2;
    if (level == Level::avx512) {
        return avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
               __builtin_cpu_supports("vpclmulqdq");
    }
#elif defined(CTXPACK_ARM_VECTORS)
    if (level == Level::neon) return true;
#endif
    return level == Level::portable;
}

Level best_level() {
    static const Level level = detect();
    return level;
}

}  // namespace ctxpack::cpu
