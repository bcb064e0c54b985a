// Segmentation by scores: of all ways to cut a text into pieces the one with the highest sum.
//
// The reference adds 32-bit floats up along the whole text, so its choice between two nearly equal ways depends on the
// sum so far, and an exact twin must carry the same sum. A word's best way is therefore found once with how large that
// may be (Lattice, `Tokens::limit`); where it is larger the word is done as the reference does it.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "sentencepiece/float_viterbi.hpp"
#include "sentencepiece/lattice.hpp"
#include "sentencepiece/novelty.hpp"
#include "sentencepiece/scores.hpp"
#include "sentencepiece/tokens.hpp"
#include "sentencepiece/trellis.hpp"

namespace ctxpack::sentencepiece {

// While |sum| is below this, the tokens of most words hold.
inline constexpr float kUsualLimit = 99'800.0F;

class GrowingUnigram;

// A segmenter, as segmenting.hpp says: the sum so far and scratch space of one thread.
class Unigram {
public:
    using Shared = Scores;
    using Growing = GrowingUnigram;
    static constexpr bool kOrdered = true;

    // A union by the sign of scores[0]. With the sign bit: the scores of the first tokens of a short word, each at most
    // -0, valid while |sum| < kUsualLimit. Without it: scores[0] is the limit of |sum| itself.
    struct Note {
        static constexpr std::size_t kScores = WordScores{}.size();

        bool has_usual_limit() const { return std::signbit(scores[0]); }

        WordScores scores{};
    };
    // What a word adds to a count.
    using Worth = WordScores;
    // What a slot has in place of a number of tokens where a word is the unknown piece: its scores tell.
    static constexpr std::size_t kUnknownMark = 0;

    struct Sum {
        float value;

        // Adds a word that was met before, if its tokens are few and hold here.
        template <class Slot>
        bool add(const Slot& slot) {
            if (!has_worth(slot) || !(std::fabs(value) < kUsualLimit)) return false;
            for (const float score : slot.note().scores) value += score;
            return true;
        }
    };

    // Of words in a row: their tokens hold as long as the sum before it is nearer to zero than `limit`, and they
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

#if defined(CTXPACK_X86_VECTORS)
    explicit Unigram(const Scores& scores) : scores_(scores), lattice_(scores), trellis_(scores) {}
    Trellis& trellis() { return trellis_; }
    Novelty& novelty() { return novelty_; }
#else
    explicit Unigram(const Scores& scores) : scores_(scores), lattice_(scores) {}
#endif

    // At the start of every text, or after what has that sum of scores.
    void begin(float sum) { sum_ = sum; }
    // Whether tokens that were found for a word of up to Lattice::kLongest bytes hold here; if so, their scores are
    // added to the sum.
    bool accept(Bytes p, std::size_t size, const Tokens& tokens) {
        if (!holds(p, size, tokens.limit)) return false;
        for (std::size_t i = 0; i < tokens.count; ++i) sum_ += scores_.score(tokens.ids[i]);
        return true;
    }
    Sum sum() const { return {sum_}; }
    void set_sum(Sum sum) { sum_ = sum.value; }
    template <class Slot>
    static bool has_worth(const Slot& slot) {
        const bool few = slot.mark() <= Note::kScores;
        return few & slot.note().has_usual_limit();
    }
    template <class Slot>
    static Worth worth(const Slot& slot) {
        return slot.note().scores;
    }
    // Of tokens, if they have one.
    std::optional<Worth> worth(const Tokens& tokens) const {
        if (tokens.count > Note::kScores) return std::nullopt;
        const Note note = this->note(tokens);
        return note.has_usual_limit() ? std::optional(note.scores) : std::nullopt;
    }
    // Whether words that are the unknown piece may have a worth, and whether that is the worth of one.
    bool tells_unknown() const { return !std::isnan(scores_.unknown_alone()); }
    bool is_unknown(const Worth& worth) const { return worth[0] == scores_.unknown_alone(); }
    // What none to kMostUnknowns unknown characters add to the sum; only to be added where one of them has a worth.
    static constexpr std::size_t kMostUnknowns = Note::kScores;
    std::array<Worth, kMostUnknowns + 1> unknowns() const {
        std::array<Worth, kMostUnknowns + 1> worths{};
        for (std::size_t i = 0; i < worths.size(); ++i) std::fill_n(worths[i].begin(), i, scores_.unknown());
        return worths;
    }
    // How many tokens an unknown character of that many bytes adds after another.
    std::size_t further_tokens(std::size_t bytes) const { return scores_.pieces().byte_fallback() ? bytes : 0; }
    // Adds such words, or nothing if their tokens might not hold.
    std::optional<Counted> add(std::span<const Worth> words);
    // Adds the one at `p`, or nothing if its tokens might not hold.
    std::optional<Counted> add(const Worth& word, Bytes p, std::size_t size);
    Note note(const Tokens& tokens) const;
    template <class Slot>
    static float limit(const Slot& slot) {
        return slot.note().has_usual_limit() ? kUsualLimit : slot.note().scores[0];
    }
    // The tokens of a word of up to Lattice::kLongest bytes, to be accepted; valid until the next call.
    Tokens segment(Bytes p, std::size_t size) {
        effort_ += Novelty::effort(size);
        return lattice_.best(p, size);
    }
    // Those of the next word where these do not hold, or it is longer. O(bytes x bytes of the longest piece).
    Tokens segment_here(Bytes p, std::size_t size);
    // What all words took that were segmented: see Novelty.
    std::size_t effort() const { return effort_; }
    // Gives back the memory that words of more than `kept` bytes took.
    void release(std::size_t kept);
    static bool is_cuttable(const Scores&) { return true; }
    static Scores shared(const Pieces& pieces) { return Scores(pieces); }

private:
    // The best way to the end of a character as the reference has it: the sum, where the last token starts, and that.
    struct Node {
        float sum;
        std::uint32_t start;
        TokenId id;

        bool is_reached() const { return start != kUnreached; }
    };
    static constexpr std::uint32_t kUnreached = 0xFFFFFFFF;

    bool holds(Bytes p, std::size_t size, float limit) const;
    void find_rounded(Bytes p, std::size_t size);
    void trace(Bytes p, std::size_t size);

    const Scores& scores_;
    float sum_ = 0;
    std::size_t effort_ = 0;
    Lattice lattice_;
#if defined(CTXPACK_X86_VECTORS)
    Trellis trellis_;
    Novelty novelty_;
#endif
    FloatViterbi<Node> viterbi_;
    std::vector<std::uint32_t> ends_;
    std::vector<TokenId> ids_;
};

}  // namespace ctxpack::sentencepiece
