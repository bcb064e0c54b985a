// Segmentation by merging: always the two neighbours that make the best piece, the leftmost of equals.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "sentencepiece/few_symbols.hpp"
#include "sentencepiece/merges.hpp"
#include "sentencepiece/tokens.hpp"

namespace ctxpack::sentencepiece {

class GrowingBpe;

// A segmenter, as segmenting.hpp says: scratch space of one thread.
class Bpe {
public:
    using Shared = Merges;
    using Growing = GrowingBpe;
    struct Note {};
    // What a word adds to a count: its tokens, or kUnknown for the unknown piece.
    using Worth = std::uint64_t;
    static constexpr Worth kUnknown = 0x80;
    // What a slot has in place of a number of tokens where a word is that piece: its worth.
    static constexpr std::size_t kUnknownMark = kUnknown;
    // Whether a word's tokens depend on the words before it.
    static constexpr bool kOrdered = false;
    struct Sum {
        static constexpr float value = 0;

        template <class Slot>
        bool add(const Slot&) {
            return true;
        }
    };

    explicit Bpe(const Merges& merges) : merges_(merges), few_(merges) {}

    // What a model of scores keeps beside the words, and what their tokens depend on: nothing here.
    struct Range {
        static constexpr double kLimit = std::numeric_limits<double>::infinity();
        void add(const Merges&, const Note&) {}
        void add(const Merges&, const Tokens&) {}
        double limit() const { return kLimit; }
        double reach() const { return 0; }
    };

    void begin(float) {}
    // Tokens remembered from before always hold.
    bool accept(Bytes, std::size_t, const Tokens&) { return true; }
    Sum sum() const { return {}; }
    void set_sum(Sum) {}
    template <class Slot>
    static bool has_worth(const Slot& slot) {
        return slot.mark() != 0;
    }
    template <class Slot>
    static Worth worth(const Slot& slot) {
        static_assert(kUnknownMark == Slot::kNoCount);
        return slot.mark();
    }
    static std::optional<Worth> worth(const Tokens& tokens) { return tokens.count; }
    std::optional<Counted> add(std::span<const Worth> words) {
        Worth sum = 0, all = 0;
        for (const Worth worth : words) {
            sum += worth;
            all |= worth;
        }
        if (all < kUnknown) return Counted{static_cast<std::size_t>(sum), false};
        const auto unknown = static_cast<std::size_t>(std::count(words.begin(), words.end(), kUnknown));
        return Counted{static_cast<std::size_t>(sum) - unknown * (kUnknown - 1), true};
    }
    std::optional<Counted> add(const Worth& word, Bytes, std::size_t) { return add({&word, 1}); }
    static bool tells_unknown() { return true; }
    static bool is_unknown(Worth worth) { return worth == kUnknown; }
    Note note(const Tokens&) const { return {}; }
    template <class Slot>
    static float limit(const Slot&) {
        return 0;
    }
    // A symbol that is left when all is merged, and the byte that it starts at.
    struct Symbol {
        TokenId symbol;
        std::size_t at;
    };
    // Those of a word. No piece may be unused. O(n log n) in its bytes.
    std::vector<Symbol> merged_symbols(Bytes p, std::size_t size);
    // The tokens of a word, valid until the next call. O(n log n) in its bytes.
    Tokens segment(Bytes p, std::size_t size);
    // The tokens of a word whose remembered ones do not hold here: there is no such word.
    Tokens segment_here(Bytes p, std::size_t size) { return segment(p, size); }
    // Gives back the memory that words of more than `kept` symbols took.
    void release(std::size_t kept);
    // Whether words may be taken out of their text.
    static bool is_cuttable(const Merges& merges) { return !merges.has_unused(); }
    static Merges shared(const Pieces& pieces) { return Merges(pieces); }

private:
    // A possible merge of the symbol that starts at a place with the next one. Lower keys first.
    struct Candidate {
        std::uint64_t key;  // rank, place
        TokenId merged;

        bool operator<(const Candidate& other) const { return key > other.key; }
    };

    // What an unused piece was last seen to be made of.
    struct Parts {
        TokenId left;
        TokenId right;
        std::uint32_t left_size;  // bytes
    };

    template <class Visit>
    void merge(Bytes p, std::size_t size, Visit visit);
    void start(Bytes p, Bytes end);
    TokenId pair(std::size_t left, std::size_t right);
    void merge_many();
    Candidate candidate(std::uint32_t left) const;
    void propose(std::vector<Candidate>& candidates, std::uint32_t left);
    void append(TokenId symbol, std::uint32_t at, unsigned depth);

    const Merges& merges_;
    Bytes text_ = nullptr;
    FewSymbols few_;
    // Where there are more, of each symbol: its id, its first byte, and what it and the next one make.
    std::vector<TokenId> symbols_;
    std::vector<std::uint32_t> begins_;
    std::vector<TokenId> merged_;
    // Its neighbours, for there are gaps.
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> before_;
    std::unordered_map<TokenId, Parts> parts_;
    std::vector<TokenId> ids_;
};

}  // namespace ctxpack::sentencepiece
