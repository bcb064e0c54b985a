// Names shared by the BPE headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctxpack::bpe {

using Bytes = const std::uint8_t*;
using TokenId = std::uint32_t;

inline std::string_view view(Bytes p, std::size_t size) { return {reinterpret_cast<const char*>(p), size}; }

// Stands for "no such token"; larger than every id, so that it also sorts last as a rank.
inline constexpr TokenId kNoToken = 0xFFFFFFFF;

}  // namespace ctxpack::bpe
