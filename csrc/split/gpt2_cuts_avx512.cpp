// The scanners that cut at blanks. Not beside those in window_avx512.cpp, because compilers inline less of what a loop
// calls the more there is in a file.
#include "split/window_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::split {

template std::size_t split_avx512<Gpt2Pairs>(Bytes& p, Bytes end, Bytes* starts);
template MultiByte split_multi_byte_avx512<Gpt2Singles>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);

}  // namespace ctxpack::split

#endif
