// Asking for memory before it is read.
#pragma once

namespace ctxpack::cpu {

inline void prefetch(const void* address) {
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(address);
#else
    (void)address;
#endif
}

}  // namespace ctxpack::cpu
