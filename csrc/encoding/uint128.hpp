// Numbers of 128 bits.
#pragma once

#include <cstdint>

namespace ctxpack {

struct Uint128 {
    std::uint64_t low, high;

    Uint128& operator+=(const Uint128& other) {
        low += other.low;
        high += other.high + (low < other.low);
        return *this;
    }
};

inline Uint128 product_by_halves(std::uint64_t left, std::uint64_t right) {
    constexpr std::uint64_t kHalf = 0xFFFFFFFF;
    const std::uint64_t lows = (left & kHalf) * (right & kHalf);
    const std::uint64_t middle = (left >> 32) * (right & kHalf) + (lows >> 32);
    const std::uint64_t other = (left & kHalf) * (right >> 32) + (middle & kHalf);
    return {other << 32 | (lows & kHalf), (left >> 32) * (right >> 32) + (middle >> 32) + (other >> 32)};
}

inline Uint128 product(std::uint64_t left, std::uint64_t right) {
#if defined(__SIZEOF_INT128__)
    __extension__ using Native = unsigned __int128;
    const Native all = Native{left} * right;
    return {static_cast<std::uint64_t>(all), static_cast<std::uint64_t>(all >> 64)};
#else
    return product_by_halves(left, right);
#endif
}

}  // namespace ctxpack
