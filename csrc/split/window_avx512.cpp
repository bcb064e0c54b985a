#include "split/window_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::split {

template std::size_t split_avx512<O200k>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<Cl100k>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<Llama3>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<Qwen>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<Qwen35>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<Tekken>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<Kimi>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<DeepSeek>(Bytes& p, Bytes end, Bytes* starts);
template std::size_t split_avx512<Gpt2>(Bytes& p, Bytes end, Bytes* starts);

template MultiByte split_multi_byte_avx512<O200k>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<Cl100k>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<Llama3>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<Qwen>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<Qwen35>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<Tekken>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<Kimi>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<DeepSeek>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
template MultiByte split_multi_byte_avx512<Gpt2>(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);

}  // namespace ctxpack::split

#endif
