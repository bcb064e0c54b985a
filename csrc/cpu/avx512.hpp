// What code with AVX-512 needs everywhere.
#pragma once

#include "cpu/level.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace ctxpack::cpu {

// The number of each byte of a vector.
alignas(64) inline constexpr auto kIota = [] {
    std::array<std::uint8_t, 64> numbers{};
    for (unsigned i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint8_t>(i);
    return numbers;
}();

// The lowest n bits, for n up to 64.
CTXPACK_AT_AVX512 CTXPACK_INLINE std::uint64_t first_bits(std::size_t n) {
    return _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(n));
}

// The value in all lanes.
CTXPACK_AT_AVX512 CTXPACK_INLINE __m512i broadcast(std::uint32_t value) {
    return _mm512_set1_epi32(static_cast<int>(value));
}

}  // namespace ctxpack::cpu

#endif
