#include "cpu/level.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

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

// The fastest first.
constexpr std::pair<std::string_view, Level> kNames[] = {
    {"avx512", Level::avx512}, {"avx2", Level::avx2}, {"neon", Level::neon}, {"portable", Level::portable}};

Level level_named(std::string_view name) {
    for (const auto& [known, level] : kNames) {
        if (name == known && can_run(level)) return level;
    }
    throw std::runtime_error("CTXPACK_CPU_LEVEL is \"" + std::string(name) +
                             "\"; it must be avx512, avx2, neon or portable, and this processor must support it");
}

Level detect() {
    if (const char* const name = std::getenv("CTXPACK_CPU_LEVEL"); name != nullptr && *name != 0)
        return level_named(name);
    for (const auto& [name, level] : kNames) {
        if (can_run(level)) return level;
    }
    return Level::portable;
}

}  // namespace

bool can_run(Level level) {
#if defined(CTXPACK_X86_VECTORS)
    __builtin_cpu_init();
    // Asked once: a virtual machine takes its time to answer.
    static const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                             __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
                             __builtin_cpu_supports("pclmul") && has_lzcnt();
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
