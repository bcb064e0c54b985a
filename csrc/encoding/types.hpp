// Names shared by all kinds of encodings.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ctxpack {

using Bytes = const std::uint8_t*;
using TokenId = std::uint32_t;

// Stands for "no such token"; larger than every id, so that it also sorts last as a rank.
inline constexpr TokenId kNoToken = 0xFFFFFFFF;

}  // namespace ctxpack
