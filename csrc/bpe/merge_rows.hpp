// Parts take their steps one after the other, on any processor.
#pragma once

#include <array>

#include "bpe/part_merger.hpp"

namespace ctxpack::bpe {

class MergeRows final : public PartMerger {
public:
    MergeRows(const Vocabulary& vocabulary, const Merges& merges, const Ids& ids)
        : vocabulary_(vocabulary), merges_(merges), ids_(ids) {}

    bool add_ascii(Bytes p, std::size_t size) override;
    void add(std::span<const TokenId> symbols, unsigned fewest) override;
    void merge() override;
    std::span<const TokenId> tokens(std::size_t at) const override {
        return {parts_[at].symbols.data(), parts_[at].now};
    }
    void clear() override { size_ = asked_ = 0; }

private:
    // A rank above its place, so that the least is also the leftmost of equal ranks.
    using Ranked = std::int32_t;
    static constexpr unsigned kPlaceBits = 5;
    static constexpr Ranked kNone = 0x7FFFFFFF;
    static_assert(kSymbols == 1 << kPlaceBits);
    static Ranked ranked(TokenId rank, unsigned place) { return static_cast<Ranked>(rank << kPlaceBits | place); }
    static TokenId rank_of(Ranked ranked) { return static_cast<TokenId>(ranked >> kPlaceBits); }

    // Symbols stay where they began; `alive` has a bit for each that is left.
    struct Part {
        std::array<TokenId, kSymbols> symbols;
        std::array<Ranked, kSymbols> ranks;
        std::uint32_t alive;
        std::uint32_t now, fewest;     // how many symbols are left, and how few may be
        std::uint32_t made, previous;  // place of the token that was just made, and of the one before it
        bool many;                     // more than half of the places are in use
    };
    // A symbol that may merge with the next one.
    struct Question {
        PairTable::Query query;
        std::uint32_t part, at;
    };

    Part& next_part(std::size_t symbols, unsigned fewest);
    void ask(std::uint32_t part, unsigned at, unsigned next);
    void sift();
    void answer();
    bool step(std::uint32_t part);
    void finish(Part& part);
    unsigned lowest(const Part& part) const;
    unsigned next_merge(const Part& part) const;

    const Vocabulary& vocabulary_;
    const Merges& merges_;
    const Ids& ids_;
    std::size_t size_ = 0;
    std::size_t asked_ = 0;
    std::array<Part, kMost> parts_;
    std::array<Question, kMost * kSymbols> questions_;
};

}  // namespace ctxpack::bpe
