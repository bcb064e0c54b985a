#include "split/window_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::split {

#define CTXPACK_MAKE(Splitter, pattern)         \
    template SplitBlock split_avx512<Splitter>; \
    template SplitMultiByte split_multi_byte_avx512<Splitter>;
CTXPACK_EACH_SCANNER(CTXPACK_MAKE)
#undef CTXPACK_MAKE

}  // namespace ctxpack::split

#endif
