// Where a pretoken may be cut into parts that are merged by themselves, and how many tokens characters have alone.
//
// No merge reaches across a place that lies inside no token. Such a place between two characters is found by what
// stands side by side in tokens: whole characters, or the bytes around a place where tokens begin or end inside a
// character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ctxpack::bpe {

class Cuts {
public:
    static constexpr std::uint32_t kPoints = 0x10000;  // of the characters whose numbers of tokens are known
    // Of the hash of a pair of characters.
    static constexpr unsigned kPairBits = 20;
    static constexpr std::uint32_t kLeft = 0x9E3779B1, kRight = 0x85EBCA6B;
    static constexpr std::uint32_t kAscii = 0x80;  // characters; pairs of these are not noted, nor is text cut there

    // Notes that two characters stand side by side in a token, if they are not both ASCII. Without a branch.
    void join(std::uint32_t left, std::uint32_t right) {
        const std::uint32_t bit = pair(left, right);
        pairs_[bit / 32] |= std::uint32_t{(left | right) >= kAscii} << bit % 32;
    }
    // Whether they may stand so.
    bool may_be_joined(std::uint32_t left, std::uint32_t right) const {
        const std::uint32_t bit = pair(left, right);
        return (pairs_[bit / 32] >> bit % 32 & 1) != 0;
    }
    void set_alone(std::uint32_t point, unsigned tokens) { alone_[point] = static_cast<std::uint8_t>(tokens); }

    // A bit for the hash of every pair that was joined.
    const std::uint32_t* pairs() const { return pairs_.data(); }
    // The number of tokens of each character, 0 for those that are not known. Four bytes may be read at each.
    const std::uint8_t* alone() const { return alone_.data(); }

private:
    static std::uint32_t pair(std::uint32_t left, std::uint32_t right) {
        return (left * kLeft + right * kRight) >> (32 - kPairBits);
    }

    std::vector<std::uint32_t> pairs_ = std::vector<std::uint32_t>((std::size_t{1} << kPairBits) / 32);
    std::vector<std::uint8_t> alone_ = std::vector<std::uint8_t>(kPoints + 3);
};

}  // namespace ctxpack::bpe
