// Names shared by all kinds of encodings.
#pragma once

#include <cstddef>
#include <cstdint>

#include "unicode/utf8.hpp"  // Bytes

namespace ctxpack {

using TokenId = std::uint32_t;

// Stands for "no such token"; larger than every id, so that it also sorts last as a rank.
inline constexpr TokenId kNoToken = 0xFFFFFFFF;

}  // namespace ctxpack
