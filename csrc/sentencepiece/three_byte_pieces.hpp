// Pieces of characters of three bytes each, as Chinese is written with: found by their first two characters at once,
// where a trie takes six steps that wait for each other.
#pragma once

#include <array>
#include <vector>

#include "encoding/types.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/weights.hpp"

namespace ctxpack::sentencepiece {

// Immutable, so safe to share.
class ThreeBytePieces {
public:
    static constexpr std::size_t kBytes = 3;  // of a character

    struct Character {
        std::int32_t weight;
        Weights::Place place;
    };
    // Weights::kNone and any place where no piece begins with two characters.
    struct Pair {
        Weights::Node node;
        Weights::Place place;
    };

    // O(bytes).
    ThreeBytePieces(const Pieces::Keys& pieces, const Weights& weights);

    static bool is_three_byte_lead(std::uint8_t lead) { return (lead & 0xF0) == 0xE0; }
    static std::uint32_t point(Bytes p) { return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu); }

    // What a character is by itself.
    const Character& character(std::uint32_t point) const { return characters_[point]; }
    // What two characters lead to. O(1), with no branch that could not be predicted.
    Pair pair(std::uint32_t left, std::uint32_t right) const {
        const std::uint32_t key = key_of(left, right);
        for (std::size_t at = home(key);; at = next(at)) {
            const Line& line = lines_[at];
            unsigned found = 0;
            for (unsigned i = 0; i < kWays; ++i) found |= static_cast<unsigned>(line.keys[i] == key) << i;
            if (found == 0 && line.keys[kWays - 1] != kEmpty) [[unlikely]]
                continue;
            const unsigned way = kWayOf[found];
            return {found != 0 ? line.nodes[way] : Weights::kNone, line.places[way]};
        }
    }

private:
    static constexpr std::size_t kPoints = 0x10000;
    static constexpr std::uint32_t kEmpty = 0;  // no characters of three bytes
    static constexpr std::size_t kWays = 4;
    static constexpr std::array<std::uint8_t, 1 << kWays> kWayOf{0, 0, 1, 0, 2, 0, 0, 0, 3};  // of one bit

    // Filled in turn, and then the next.
    struct alignas(64) Line {
        std::array<std::uint32_t, kWays> keys{};
        std::array<Weights::Place, kWays> places{};
        std::array<Weights::Node, kWays> nodes{};
    };

    static std::uint32_t key_of(std::uint32_t left, std::uint32_t right) { return left << 16 | right; }
    std::size_t home(std::uint32_t key) const { return key * 0x9E3779B1 >> shift_; }
    std::size_t next(std::size_t at) const { return (at + 1) & (lines_.size() - 1); }
    void insert(std::uint32_t key, const Pair& pair);

    std::vector<Character> characters_;
    std::vector<Line> lines_;
    unsigned shift_;
};

}  // namespace ctxpack::sentencepiece
