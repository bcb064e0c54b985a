// Splitting a text into pretokens, a block at a time, by the fastest scanner that the processor can run.
#pragma once

#include <cstddef>

#include "cpu/level.hpp"
#include "cpu/prefetch.hpp"
#include "split/cl100k.hpp"
#include "split/deepseek.hpp"
#include "split/gpt2.hpp"
#include "split/o200k.hpp"
#include "split/window.hpp"

namespace ctxpack::split {

// A block has at least this many pretokens unless the text ends, and up to a window more.
inline constexpr std::size_t kBlock = 256;
inline constexpr std::size_t kStarts = kBlock + kWindow;

// Writes where the pretokens from `p` on start, and where the last of them ends; moves `p` there and says how many they
// are. `starts` has room for kStarts and one more, and anything may be written past what is told. Needs p < end and
// valid UTF-8.
using SplitBlock = std::size_t(Bytes& p, Bytes end, Bytes* starts);
using BlockSplitter = SplitBlock*;

// How many pretokens were written, and how many of one byte were left out.
struct MultiByte {
    std::size_t filled, single_bytes;
};

// As BlockSplitter, for pretokens of several bytes: those of one byte may be left out. So where each ends is written,
// too; `ends` has room for kStarts.
using SplitMultiByte = MultiByte(Bytes& p, Bytes end, Bytes* starts, Bytes* ends);
using MultiByteSplitter = SplitMultiByte*;

// Asks for text that will be split soon. Processors do so by themselves, but neither across pages nor soon enough for
// loops in which where to read next depends on what was read.
inline void fetch_ahead(Bytes p) {
    constexpr std::uintptr_t kAhead = 1024;
    cpu::prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(p) + kAhead));
}

// The fastest one that a processor of that level can run.
template <class Splitter>
BlockSplitter splitter_for(cpu::Level level);
// Null for levels that leave none out.
template <class Splitter>
MultiByteSplitter multi_byte_splitter_for(cpu::Level level);

}  // namespace ctxpack::split

// Writes MAKE(scanner, pattern) for each scanner and the name of its pattern.
#define CTXPACK_EACH_SCANNER(MAKE) \
    MAKE(O200k, o200k)             \
    MAKE(Cl100k, cl100k)           \
    MAKE(Llama3, llama3)           \
    MAKE(Qwen, qwen)               \
    MAKE(Qwen35, qwen35)           \
    MAKE(Tekken, tekken)           \
    MAKE(Kimi, kimi)               \
    MAKE(DeepSeek, deepseek)       \
    MAKE(Gpt2, gpt2)
