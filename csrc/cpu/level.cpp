#include "cpu/level.hpp"

#include <initializer_list>

namespace ctxpack::cpu {
namespace {

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
                      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
                      __builtin_cpu_supports("popcnt");
    if (level == Level::avx2) return avx2;
    if (level == Level::avx512) {
        return avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
               __builtin_cpu_supports("avx512vbmi2");
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
