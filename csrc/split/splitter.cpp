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

template BlockSplitter splitter_for<O200k>(cpu::Level level);
template BlockSplitter splitter_for<Tekken>(cpu::Level level);
template BlockSplitter splitter_for<Cl100k>(cpu::Level level);
template BlockSplitter splitter_for<Llama3>(cpu::Level level);
template BlockSplitter splitter_for<Qwen>(cpu::Level level);
template BlockSplitter splitter_for<Qwen35>(cpu::Level level);
template BlockSplitter splitter_for<Kimi>(cpu::Level level);
template BlockSplitter splitter_for<DeepSeek>(cpu::Level level);
template BlockSplitter splitter_for<Gpt2>(cpu::Level level);
template BlockSplitter splitter_for<Gpt2Pairs>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<O200k>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Tekken>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Cl100k>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Llama3>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Qwen>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Qwen35>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Kimi>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<DeepSeek>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Gpt2>(cpu::Level level);
template MultiByteSplitter multi_byte_splitter_for<Gpt2Singles>(cpu::Level level);

}  // namespace ctxpack::split
