// Loops whose memory is asked for ahead of its use.
#pragma once

#include <algorithm>
#include <cstddef>

namespace ctxpack::bpe {

// Calls prepare(i) and then finish(i, what prepare made) for every i below `size`, a block of each at a time: prepare
// fetches memory that finish reads.
template <class Prepare, class Finish>
void in_blocks(std::size_t size, Prepare prepare, Finish finish) {
    constexpr std::size_t kBlock = 32;
    decltype(prepare(std::size_t{})) block[kBlock];
    for (std::size_t start = 0; start < size; start += kBlock) {
        const std::size_t filled = std::min(kBlock, size - start);
        for (std::size_t i = 0; i < filled; ++i) block[i] = prepare(start + i);
        for (std::size_t i = 0; i < filled; ++i) finish(start + i, block[i]);
    }
}

}  // namespace ctxpack::bpe
