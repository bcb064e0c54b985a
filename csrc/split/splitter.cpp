#include "split/splitter.hpp"

#include "split/window_neon.hpp"
#include "split/window_x86.hpp"

namespace ctxpack::split {

// Character by character.
template <class Splitter>
std::size_t split_scalar(Bytes& p, Bytes end, Bytes* starts) {
    std::size_t filled = 0;
    Bytes from = p;
    while (filled < kBlock && from < end) {
        fetch_ahead(from);
        starts[filled++] = from;
        from = Splitter::next(from, end);
    }
    starts[filled] = p = from;
    return filled;
}

// Only AVX-512 is fast enough for cuts at blanks to be worth it; other levels leave pretokens whole.
template <class Splitter>
BlockSplitter splitter_for(cpu::Level level) {
    using Whole = typename Cutting<Splitter>::Whole;
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return split_avx512<Splitter>;
    if (level == cpu::Level::avx2) return split_avx2<Whole>;
#elif defined(CTXPACK_ARM_VECTORS)
    if (level == cpu::Level::neon) return split_neon<Whole>;
#endif
    (void)level;
    return split_scalar<Whole>;
}

template <class Splitter>
MultiByteSplitter multi_byte_splitter_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return split_multi_byte_avx512<Splitter>;
#endif
    (void)level;
    return nullptr;
}

#define CTXPACK_MAKE(Splitter, pattern)                              \
    template BlockSplitter splitter_for<Splitter>(cpu::Level level); \
    template MultiByteSplitter multi_byte_splitter_for<Splitter>(cpu::Level level);
CTXPACK_EACH_SCANNER(CTXPACK_MAKE)
#undef CTXPACK_MAKE
template BlockSplitter splitter_for<Gpt2Pairs>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Gpt2Singles>(cpu::Level level);

}  // namespace ctxpack::split
