// The distinct values of a vector, and numbers for them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ctxpack::text {

// Sorted, each once. By sorting, not hashing: no input makes it slow. O(n log n).
template <class T>
std::vector<T> distinct(std::vector<T> values) {
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
    return values;
}

// The place of a value among distinct ones; their number where it is none of them.
template <class T>
std::uint32_t place_of(const T& value, const std::vector<T>& values) {
    const auto at = std::ranges::lower_bound(values, value);
    const bool found = at != values.end() && *at == value;
    return static_cast<std::uint32_t>(found ? at - values.begin() : values.end() - values.begin());
}

}  // namespace ctxpack::text
