#include "cpu/level.hpp"

namespace ctxpack::cpu {
namespace {

Level detect() {
#if defined(CTXPACK_X86_VECTORS)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
    const bool avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
                        __builtin_cpu_supports("avx512vbmi2");
    if (avx2 && avx512) return Level::avx512;
    if (avx2) return Level::avx2;
#endif
    return Level::portable;
}

}  // namespace

Level best_level() {
    static const Level level = detect();
    return level;
}

}  // namespace ctxpack::cpu
