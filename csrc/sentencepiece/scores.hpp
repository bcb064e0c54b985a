// What a unigram model's pieces score, and how far the reference's rounding goes when it adds that up.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "sentencepiece/adding.hpp"
#include "sentencepiece/character_trie.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/three_byte_pieces.hpp"
#include "sentencepiece/weights.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

// Past this the reference subtracts the sum so far from all sums.
inline constexpr float kLargestSum = 100'000.0F;
// Where the sum stays below this, it surely does not, unless rounding goes past 1.
inline constexpr double kSafeSum = 99'999.0;
// Two sums of n floats below m are off by less than n * m / 2^23 together; a little is left for this very bound.
inline constexpr double kFloatSteps = 8'300'000.0;
// The largest rounding error of one addition below 131,072: half an ulp.
inline constexpr double kLargestRounding = 0.0039063;

// Pieces and their scores. Immutable, so safe to share.
class Scores {
public:
    // Throws std::invalid_argument where the model has nothing to make text of.
    explicit Scores(const Pieces& pieces);

    const Pieces& pieces() const { return pieces_; }
    const Weights& weights() const { return *weights_; }
    const ThreeBytePieces& three_byte_pieces() const { return *three_byte_pieces_; }
    // The pieces by characters, to count `bytes` of text with. Null where these are too many or memory ran out, and at
    // first: to make it takes as long as counting some text without.
    const CharacterTrie* characters(std::size_t bytes) const;
    // In bytes, and no fewer than any character has.
    std::size_t longest_piece() const { return longest_piece_; }
    // What an unknown character adds to the sum.
    float unknown() const { return unknown_; }
    // That, where unknown characters become the unknown piece and no other piece may add as much; else not a number.
    float unknown_alone() const { return unknown_alone_; }
    // What a token adds to the sum. An unknown character that becomes bytes adds its score with the first of them.
    float score(TokenId id) const { return scores_[id]; }
    Added add(float sum, std::span<const WordScores> words) const { return add_(sum, words, unknown_alone()); }
    // Calls visit(bytes, id or kNoToken, score) for every token that text at `p` can start with. May read the byte
    // at `end`.
    template <class Visit>
    void visit(Bytes p, Bytes end, Visit visit) const {
        const std::size_t character = unicode::sequence_length(*p);
        bool known = false;
        const auto offer = [&](std::size_t size, TokenId id) {
            if (id == kNoToken) return;
            visit(size, id, score(id));
            known |= size == character;
        };
        offer(1, weights_->id(Weights::alone(*p)));
        Weights::Place place = Weights::pair(p);
        Weights::Node node = weights_->at(place);
        for (Bytes q = p + 2; q <= end && node != Weights::kNone; ++q) {
            offer(static_cast<std::size_t>(q - p), weights_->id(place));
            if (q == end) break;
            place = Weights::next(node, *q);
            node = weights_->at(place, *q, Weights::kNone);
        }
        if (!known) visit(character, kNoToken, unknown_);
    }

private:
    float piece_score(TokenId id) const;
    void find_unknown();

    const Pieces& pieces_;
    std::size_t longest_piece_ = 4;
    float unknown_;
    float unknown_alone_;
    std::vector<float> scores_;
    AddScores add_;
    std::unique_ptr<Weights> weights_;  // without the unused pieces
    std::unique_ptr<ThreeBytePieces> three_byte_pieces_;
    mutable std::atomic<std::size_t> asked_for_ = 0;  // bytes
    mutable std::once_flag characters_made_;
    mutable std::unique_ptr<const CharacterTrie> characters_;
};

}  // namespace ctxpack::sentencepiece
