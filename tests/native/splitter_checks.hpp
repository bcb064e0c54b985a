// Every block splitter that this processor can run beside the scalar one. Past the end of a text nothing can be
// read.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "guarded.hpp"
#include "require.hpp"
#include "split/seams.hpp"
#include "split/splitter.hpp"

namespace ctxpack::tests {

inline std::vector<std::size_t> lengths(split::BlockSplitter split, const std::string& text) {
    static Guarded guarded;
    std::vector<std::size_t> found;
    found.reserve(text.size());
    Bytes starts[split::kStarts + 1];
    auto p = reinterpret_cast<Bytes>(guarded.copy(std::span(text)));
    for (const Bytes end = p + text.size(); p < end;) {
        const std::size_t filled = split(p, end, starts);
        for (std::size_t i = 0; i < filled; ++i) found.push_back(static_cast<std::size_t>(starts[i + 1] - starts[i]));
    }
    return found;
}

[[noreturn]] inline void fail(const char* pattern, cpu::Level level, const std::string& text) {
    fail(std::string(pattern) + " at level " + std::to_string(static_cast<int>(level)) + " differs", text);
}

// At every seam of a text that is not long it may be cut, and both parts split by themselves.
template <class Splitter>
void check_seams(const char* pattern, const std::string& text, const std::vector<std::size_t>& expected) {
    constexpr std::size_t kLong = 160;
    if (text.size() > kLong) return;
    const split::BlockSplitter split = split::splitter_for<Splitter>(cpu::Level::portable);
    const auto begin = reinterpret_cast<Bytes>(text.data()), end = begin + text.size();
    for (Bytes seam = split::next_seam(begin, end, end); seam < end; seam = split::next_seam(seam, end, end)) {
        const auto at = static_cast<std::size_t>(seam - begin);
        std::vector<std::size_t> parts = lengths(split, text.substr(0, at));
        std::ranges::copy(lengths(split, text.substr(at)), std::back_inserter(parts));
        if (parts != expected) fail(pattern, cpu::Level::portable, text);
    }
}

template <class Splitter>
void compare(const char* pattern, const std::string& text) {
    const auto expected = lengths(split::splitter_for<Splitter>(cpu::Level::portable), text);
    for (const cpu::Level level : {cpu::Level::avx2, cpu::Level::avx512, cpu::Level::neon}) {
        if (!cpu::can_run(level)) continue;
        if (lengths(split::splitter_for<Splitter>(level), text) != expected) fail(pattern, level, text);
    }
    check_seams<Splitter>(pattern, text, expected);
}

// Pretokens are cut nowhere but before blanks after ASCII.
inline void compare_cuts(const std::string& text) {
    const auto whole = lengths(split::splitter_for<split::Gpt2>(cpu::Level::portable), text);
    for (const cpu::Level level : {cpu::Level::portable, cpu::Level::avx2, cpu::Level::avx512, cpu::Level::neon}) {
        if (!cpu::can_run(level)) continue;
        const auto parts = lengths(split::splitter_for<split::Gpt2Pairs>(level), text);
        auto part = parts.begin();
        std::size_t at = 0;
        for (const std::size_t length : whole) {
            for (const std::size_t end = at + length; at < end; at += *part++) {
                const bool is_cut = at + length != end;
                const bool may_be = at > 0 && text[at] == ' ' && static_cast<unsigned char>(text[at - 1]) < 0x80;
                if ((is_cut && !may_be) || at + *part > end) fail("gpt2, cut,", level, text);
            }
        }
    }
}

// Ends the program where a pattern is split in another way.
inline void compare(const std::string& text) {
    compare<split::O200k>("o200k", text);
    compare<split::Cl100k>("cl100k", text);
    compare<split::Llama3>("llama3", text);
    compare<split::Qwen>("qwen", text);
    compare<split::Qwen35>("qwen3.5", text);
    compare<split::Tekken>("tekken", text);
    compare<split::Kimi>("kimi", text);
    compare<split::DeepSeek>("deepseek", text);
    compare<split::Gpt2>("gpt2", text);
    compare_cuts(text);
}

}  // namespace ctxpack::tests
