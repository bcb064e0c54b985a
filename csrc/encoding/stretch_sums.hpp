// The sums that tags are folded from: of products of the text's words, taken in pairs, with those of a key.
//
// Sums of different levels differ. All are such that two texts, whatever they are, have the same with a probability of
// at most 2^-63 each: products of sums, as in NH (Black et al., UMAC, 1999), or carry-less products, as in CLHASH
// (Lemire and Kaser, 2016). The second sum is the first with the key moved on, so that both are the same but with the
// product of both probabilities.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "cpu/level.hpp"
#include "encoding/stretch_tag.hpp"
#include "encoding/uint128.hpp"

namespace ctxpack {

inline constexpr std::size_t kSumBytes = 64;  // of the text at once, with zeros past its end

// Words for the longest text, and for the second sum.
struct alignas(kSumBytes) SumKey {
    static constexpr std::size_t kShift = kSumBytes / 8;

    std::array<std::uint64_t, kLongestTagged / 8 + kShift> words;
};

using Sums = std::array<Uint128, 2>;

Sums sums_portable(std::string_view text, const SumKey& key);
#if defined(CTXPACK_X86_VECTORS)
CTXPACK_AT_AVX2 Sums sums_avx2(std::string_view text, const SumKey& key);
CTXPACK_AT_AVX512 Sums sums_avx512(std::string_view text, const SumKey& key);
#endif

}  // namespace ctxpack
