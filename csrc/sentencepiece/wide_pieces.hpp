// Pieces of characters of three bytes each, as Chinese is written with: found by their first two characters at once,
// where a trie takes six steps that wait for each other.
#pragma once

#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "sentencepiece/trie.hpp"
#include "sentencepiece/types.hpp"

namespace ctxpack::sentencepiece {

// Immutable, so safe to share.
class WidePieces {
public:
    static constexpr std::size_t kBytes = 3;  // of a character

    struct Piece {
        float score;
        TokenId id;
    };
    // Minus infinity and any token where two characters are no piece. Longer pieces are below the trie's node of that
    // base, which is 0 where there are none.
    struct Pair {
        Piece piece;
        std::uint32_t base;
    };

    // Pieces, the scores of all tokens, that of a character that is no piece, and a trie of the same pieces. O(bytes).
    WidePieces(const std::vector<std::pair<std::string, TokenId>>& pieces, const std::vector<float>& scores,
               float unknown, const Trie& trie);

    static bool is_wide(std::uint8_t lead) { return (lead & 0xF0) == 0xE0; }
    static std::uint32_t point(Bytes p) { return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu); }

    // What a character is by itself; kNoToken where that is no piece.
    const Piece& character(std::uint32_t point) const { return characters_[point]; }
    // What two characters are. O(1), without a branch that could not be foretold.
    Pair pair(std::uint32_t left, std::uint32_t right) const {
        const std::uint32_t key = key_of(left, right);
        for (std::size_t at = home(key);; at = next(at)) {
            const Line& line = lines_[at];
            unsigned found = 0;
            for (unsigned i = 0; i < kWays; ++i) found |= static_cast<unsigned>(line.keys[i] == key) << i;
            if (found == 0 && line.keys[kWays - 1] != kEmpty) [[unlikely]] continue;
            const unsigned way = kWayOf[found];
            return {{found != 0 ? line.scores[way] : kNever, line.ids[way]}, found != 0 ? line.bases[way] : 0};
        }
    }
    // The largest score of any piece or character, whatever its sign.
    double largest() const { return largest_; }

private:
    static constexpr std::size_t kPoints = 0x10000;
    static constexpr std::uint32_t kEmpty = 0;  // no characters of three bytes
    static constexpr float kNever = -std::numeric_limits<float>::infinity();
    static constexpr std::size_t kWays = 4;
    static constexpr std::array<std::uint8_t, 1 << kWays> kWayOf{0, 0, 1, 0, 2, 0, 0, 0, 3};  // of one bit

    // Filled in turn, and then the next.
    struct alignas(64) Line {
        std::array<std::uint32_t, kWays> keys{};
        std::array<float, kWays> scores{};
        std::array<TokenId, kWays> ids{};
        std::array<std::uint32_t, kWays> bases{};
    };

    static std::uint32_t key_of(std::uint32_t left, std::uint32_t right) { return left << 16 | right; }
    std::size_t home(std::uint32_t key) const { return key * 0x9E3779B1 >> shift_; }
    std::size_t next(std::size_t at) const { return (at + 1) & (lines_.size() - 1); }
    void insert(std::uint32_t key, const Pair& pair);

    std::vector<Piece> characters_;
    std::vector<Line> lines_;
    unsigned shift_;
    double largest_;
};

}  // namespace ctxpack::sentencepiece
