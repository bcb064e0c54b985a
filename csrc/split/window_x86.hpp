// The window scanners of x86; each is compiled for its own instruction set.
#pragma once

#include "split/splitter.hpp"

namespace ctxpack::split {

template <class Splitter>
std::size_t split_avx2(Bytes& p, Bytes end, Bytes* starts);
template <class Splitter>
std::size_t split_avx512(Bytes& p, Bytes end, Bytes* starts);

}  // namespace ctxpack::split
