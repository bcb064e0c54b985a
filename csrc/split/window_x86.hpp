// The window scanners of x86; each is compiled for its own instruction set.
#pragma once

#include "split/splitter.hpp"

#if defined(CTXPACK_X86_VECTORS)

#define CTXPACK_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define CTXPACK_AVX512 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vbmi,avx512vbmi2")))

namespace ctxpack::split {

template <class Splitter>
CTXPACK_AVX2 std::size_t split_avx2(Bytes& p, Bytes end, Bytes* starts);
template <class Splitter>
CTXPACK_AVX512 std::size_t split_avx512(Bytes& p, Bytes end, Bytes* starts);

}  // namespace ctxpack::split

#endif
