// The window scanner of 64-bit ARM.
#pragma once

#include "split/splitter.hpp"

#if defined(CTXPACK_ARM_VECTORS)

namespace ctxpack::split {

template <class Splitter>
std::size_t split_neon(Bytes& p, Bytes end, Bytes* starts);

}  // namespace ctxpack::split

#endif
