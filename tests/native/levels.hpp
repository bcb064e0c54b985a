// For a program that is linked without csrc/cpu: the level that the core runs at is the program's to choose.
#pragma once

#define best_level level_here
#include "cpu/level.cpp"
#undef best_level

#include <vector>

namespace ctxpack::cpu {

inline Level chosen_level = level_here();
Level best_level() { return chosen_level; }

}  // namespace ctxpack::cpu

namespace ctxpack::tests {

// Those that this processor can run.
inline std::vector<cpu::Level> levels() {
    std::vector<cpu::Level> levels{cpu::Level::portable, cpu::Level::avx2, cpu::Level::avx512, cpu::Level::neon};
    std::erase_if(levels, [](cpu::Level level) { return !cpu::can_run(level); });
    return levels;
}

}  // namespace ctxpack::tests
