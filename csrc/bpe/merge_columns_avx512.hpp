// Parts take their steps together: each is a column of arrays, and a row is a vector of AVX-512.
#pragma once

#include <array>

#include "bpe/part_merger.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::bpe {

class MergeColumns final : public PartMerger {
public:
    // The merges must have no haste.
    MergeColumns(const Vocabulary& vocabulary, const Merges& merges, const Ids& ids)
        : vocabulary_(vocabulary), merges_(merges), ids_(ids) {}

    bool add_ascii(Bytes p, std::size_t size) override;
    void add(std::span<const TokenId> symbols, unsigned fewest) override;
    void merge() override;
    std::span<const TokenId> tokens(std::size_t at) const override { return {tokens_[at].data(), counts_[at]}; }
    void clear() override;

private:
    static constexpr std::size_t kWidth = 16;  // of a group
    static constexpr std::size_t kGroups = kMost / kWidth;

    // A rank above its place, so that the least is also the leftmost of equal ranks. From kNone on there is no rank.
    using Ranked = std::int32_t;
    static constexpr unsigned kPlaceBits = 6;
    static constexpr Ranked kNone = 0x7FFFFFC0;
    static_assert(kSymbols < 1 << kPlaceBits);

    template <class T>
    using Row = std::array<T, kWidth>;

    // Pairs of symbols that may merge, and the cells that the ranks of what they merge into go to.
    struct Questions {
        static constexpr std::size_t kRoom = kWidth * (kSymbols + 1);  // to write a row past the last

        std::size_t size = 0;
        std::array<TokenId, kRoom> lefts, rights;
        std::array<std::uint32_t, kRoom> hashes, cells;
    };
    // Symbols stay where they began, at places from 1 on; `alive` has a bit for each that is left. At place 0 is
    // nobody: what the first symbol would merge into with the one before it goes there, and is not read.
    struct alignas(64) Group {
        std::array<Row<TokenId>, kSymbols + 1> symbols;
        std::array<Row<Ranked>, kSymbols + 1> ranks;  // of what a symbol merges into with the next one
        Row<std::uint32_t> alive;
        // Columns, as bits: those whose ranks are not known from the start, and those that may become one token.
        std::uint32_t unranked = 0, may_be_one = 0;
        std::size_t places = kSymbols;  // in use, of the longest
        Questions questions;

        Group();
        void clear();
    };
    class Steps;

    static Ranked ranked(TokenId rank, std::size_t place) {
        static_assert(kNoToken << (kPlaceBits + 1) >> 1 == kNone);
        return static_cast<Ranked>(rank << (kPlaceBits + 1) >> 1 | static_cast<TokenId>(place));
    }
    // A part that is not in a column yet.
    struct Start {
        const TokenId* symbols;                    // null for ASCII
        std::size_t size;                          // in symbols
        bool may_be_one;                           // token
        std::array<std::uint8_t, kSymbols> bytes;  // of ASCII, each a symbol
    };

    std::size_t groups() const { return (size_ + kWidth - 1) / kWidth; }  // in use
    void fill_columns();
    void start_from_bytes(const Start& start, Group& group, std::size_t column);
    void start_from_symbols(const Start& start, Group& group, std::size_t column);
    void collect(std::size_t at);

    const Vocabulary& vocabulary_;
    const Merges& merges_;
    const Ids& ids_;
    std::size_t size_ = 0;
    std::array<Start, kMost> starts_;
    std::array<std::size_t, kMost> order_;  // which part is in each column, of all groups
    std::array<Group, kGroups> groups_;
    std::array<std::array<TokenId, kSymbols>, kMost> tokens_;
    std::array<std::size_t, kMost> counts_;
};

}  // namespace ctxpack::bpe

#endif
