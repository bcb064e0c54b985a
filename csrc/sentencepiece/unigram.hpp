// Segmentation by scores: of all ways to cut a text into pieces the one with the highest sum.
//
// The reference adds 32-bit floats up along the whole text, so its choice between two nearly equal ways depends on the
// sum so far, and an exact twin must carry the same sum. A word's best way is therefore found in double precision
// first, with its distance to the second best: as long as the sum so far is small enough that all rounding errors stay
// below that distance (`Tokens::limit`), the reference chooses it too. Else the word is done as the reference does it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sentencepiece/adding.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/trie.hpp"
#include "sentencepiece/wide_pieces.hpp"
#include "sentencepiece/word_cache.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

// Past this the reference takes the sum so far away from all sums.
inline constexpr float kLargestSum = 100'000.0F;
// Where the sum stays below this, it surely does not.
inline constexpr double kSafeSum = 99'990.0;
// Nearer to zero than this the tokens of most words hold.
inline constexpr float kLasting = 99'800.0F;
// Two sums of n floats below m are off by less than n * m / 2^23 together; a little is left for this very bound.
inline constexpr double kFloatSteps = 8'300'000.0;
// Half the distance of two floats next to each other there.
inline constexpr double kLargestStep = 0.0039063;

// Pieces and their scores. Immutable, so safe to share.
class Scores {
public:
    // Throws std::invalid_argument where the model has nothing to make text of.
    Scores(const Pieces& pieces, cpu::Level level);

    const Pieces& pieces() const { return pieces_; }
    const Trie& trie() const { return trie_; }
    const WidePieces& wide() const { return *wide_; }
    // What a token adds to the sum. An unknown character that becomes bytes adds its score with the first of them.
    float score(TokenId id) const { return scores_[id]; }
    Added add(float sum, std::span<const WordScores> words) const { return add_(sum, words); }
    // Calls visit(bytes, id or kNoToken, score) for every token that text at `p` can start with, the shorter ones first.
    template <class Visit>
    void visit(Bytes p, Bytes end, Visit visit) const {
        const std::size_t character = unicode::sequence_length(*p);
        bool known = false;
        Trie::Node node = trie_.first(*p);
        for (Bytes q = p + 1; node != Trie::kNone; node = trie_.next(node, *q++)) {
            const TokenId id = trie_.value(node);
            if (id != kNoToken) {
                const auto size = static_cast<std::size_t>(q - p);
                visit(size, id, score(id));
                known |= size == character;
            }
            if (q == end) break;
        }
        if (!known) visit(character, kNoToken, unknown_);
    }

private:
    float piece_score(TokenId id) const;
    void find_unknown();

    const Pieces& pieces_;
    Trie trie_;  // without the unused pieces
    float unknown_;
    std::vector<float> scores_;
    AddScores add_;
    std::unique_ptr<WidePieces> wide_;
};

// The sum so far and scratch space of one thread.
class Unigram {
public:
    using Shared = Scores;
    static constexpr bool kOrdered = true;

    // What the first tokens of a short word add to the sum, one by one, where that is never more than -0, and they hold as
    // long as the sum is nearer to zero than kLasting. Else only up to which sum they hold: no less than +0.
    struct Note {
        static constexpr std::size_t kScores = WordScores{}.size();

        bool lasts() const { return std::signbit(scores[0]); }

        WordScores scores{};
    };
    // What a word adds to a count.
    using Worth = WordScores;

    struct Sum {
        float value;

        // Adds a word that was met before, if its tokens are few and hold here.
        template <class Slot>
        bool add(const Slot& slot) {
            if (!has_worth(slot) || !(std::fabs(value) < kLasting)) return false;
            for (const float score : slot.note().scores) value += score;
            return true;
        }
    };

    // Of a stretch of words: their tokens hold as long as the sum before it is nearer to zero than `limit`, and they
    // take it no further from there than `reach`.
    class Range {
    public:
        void add(const Scores&, const Note& note);
        void add(const Scores& scores, const Tokens& tokens);
        double limit() const { return limit_; }
        double reach() const { return reach_; }

    private:
        void restrict(double limit) { limit_ = std::min(limit_, limit - reach_); }
        void extend(float score);

        double limit_ = std::numeric_limits<double>::infinity();
        double reach_ = 0;
    };

    explicit Unigram(const Scores& scores) : scores_(scores) {}

    // At the start of every text, or behind what has that sum of scores.
    void begin(float sum) { sum_ = sum; }
    float score() const { return sum_; }
    // Whether tokens remembered from before hold here; if so, they are passed over.
    bool accept(const Tokens& tokens) {
        if (!(std::fabs(sum_) < tokens.limit)) return false;
        for (std::size_t i = 0; i < tokens.count; ++i) sum_ += scores_.score(tokens.ids[i]);
        return true;
    }
    Sum sum() const { return {sum_}; }
    void set_sum(Sum sum) { sum_ = sum.value; }
    template <class Slot>
    static bool has_worth(const Slot& slot) {
        const bool few = slot.count() <= Note::kScores;
        return few & slot.note().lasts();
    }
    template <class Slot>
    static Worth worth(const Slot& slot) {
        return slot.note().scores;
    }
    // Adds such words; returns how many tokens they are, or nothing if these might not hold.
    std::optional<std::size_t> add(std::span<const Worth> words);
    Note note(const Tokens& tokens) const;
    template <class Slot>
    static float limit(const Slot& slot) {
        return slot.note().lasts() ? kLasting : slot.note().scores[0];
    }
    // The tokens of the next word, valid until the next call. O(bytes x bytes of the longest piece).
    Tokens segment(Bytes p, std::size_t size);
    // The same of a word whose remembered tokens do not hold here.
    Tokens segment_here(Bytes p, std::size_t size);
    static bool splits(const Scores&) { return true; }
    static Scores shared(const Pieces& pieces, cpu::Level level) { return {pieces, level}; }

private:
    // The last token of a way, and where it starts: in one word, so that it is chosen without a branch.
    class Step {
    public:
        Step() = default;
        Step(std::uint32_t start, TokenId id) : bits_(std::uint64_t{start} << 32 | id) {}

        std::uint32_t start() const { return static_cast<std::uint32_t>(bits_ >> 32); }
        TokenId id() const { return static_cast<TokenId>(bits_); }
        void replace(Step other, bool wanted) { bits_ ^= (bits_ ^ other.bits_) & (0 - std::uint64_t{wanted}); }

    private:
        std::uint64_t bits_;
    };
    // The best way to the end of a character: the sum, that of the second best last step, and the last step.
    struct Node {
        double best;
        double second;
        Step step;

        void offer(double sum, Step other);
    };
    // The same as the reference has it.
    struct RoundedNode {
        float sum;
        Step step;
    };

    float find_best(Bytes p, std::size_t size);
    float find_best_wide(Bytes p, std::size_t size);
    float limit_before(std::size_t size, double reach, double steps) const;
    void find_rounded(Bytes p, std::size_t size);
    float subtract_sum(std::size_t at, std::size_t frontier);
    template <class Nodes>
    void trace(Bytes p, std::size_t size, const Nodes& nodes);

    const Scores& scores_;
    float sum_ = 0;
    std::array<Node, LongSlot::kLongest + 1> nodes_;
    std::vector<RoundedNode> rounded_;
    std::vector<std::uint32_t> ends_;
    std::vector<TokenId> ids_;
};

}  // namespace ctxpack::sentencepiece
