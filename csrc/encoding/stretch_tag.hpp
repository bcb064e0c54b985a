// Tags that stand for stretches of text in a table, so that the table need not hold the text.
//
// A tag is what a function whose keys are drawn at random for this process makes of the text. Two texts chosen without
// knowledge of the keys have the same tag with a probability below 2^-120, if the generator that stretches 512 random
// bits to the keys is as good as random. Nothing made of tags leaves the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctxpack {

struct StretchTag {
    std::uint64_t first, second;  // the second is never 0

    bool operator==(const StretchTag&) const = default;
};

// In bytes. To look shorter texts up in vain would take a tenth to a quarter of what counting them does.
inline constexpr std::size_t kShortestTagged = 1024, kLongestTagged = std::size_t{1} << 15;

// Of a text of up to kLongestTagged bytes. O(bytes).
StretchTag stretch_tag(std::string_view text);

}  // namespace ctxpack
