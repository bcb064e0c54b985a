// Byte-pair merging of new pretokens, a batch of them at a time.
//
// Long pretokens fall apart where no merge reaches across. Of characters that are parts by themselves the tokens are
// known; other parts are merged side by side, and take fewer steps the shorter they are.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "bpe/part_merger.hpp"
#include "bpe/symbols.hpp"

namespace ctxpack::bpe {

class MergeBatch {
public:
    static constexpr std::size_t kMost = 64;      // pretokens
    static constexpr std::size_t kReadable = 32;  // ids that may be read where those of a pretoken are

    MergeBatch(cpu::Level level, const Vocabulary& vocabulary, const Merges& merges, const Ids& ids)
        : vocabulary_(vocabulary),
          merges_(merges),
          ids_(ids),
          merger_(part_merger_for(level, vocabulary, merges, ids)) {}

    // Whether it may have no room for one more.
    bool is_full() const { return size_ == kMost || merged_ > kMerged || symbols_size_ > kSymbols; }
    // Takes the pretoken [p, p + size), of whole characters and known to be no token; false, and nothing taken, where
    // it is too long. The batch must not be full.
    bool add(Bytes p, std::size_t size);
    // Merges all of them.
    void merge();
    // The ids of one of them, once they are merged: at least two, until clear().
    std::span<const TokenId> tokens(std::size_t at) const { return tokens_[at]; }
    void clear();

private:
    static constexpr std::size_t kBytes = 1024;  // of a pretoken, at most
    static constexpr std::size_t kWhole = 48;    // up to which cutting takes longer than it saves
    // Parts that are merged, and symbols, that leave room for those of one more pretoken.
    static constexpr std::size_t kMerged = PartMerger::kMost / 2;
    static constexpr std::size_t kSymbols = 3 * kBytes;

    bool add_parts(Bytes p, std::size_t size);
    std::size_t symbols_of(Bytes p, std::size_t size, TokenId* to, Part* parts) const;
    bool can_merge(std::span<const Part> parts) const;

    const Vocabulary& vocabulary_;
    const Merges& merges_;
    const Ids& ids_;
    std::unique_ptr<PartMerger> merger_;
    std::size_t size_ = 0, parts_size_ = 0, symbols_size_ = 0;
    std::size_t merged_ = 0;  // of the parts, by the merger
    std::array<Part, kSymbols + kBytes + kMost> parts_;
    std::array<TokenId, kSymbols + kBytes + 1> symbols_;
    std::array<std::size_t, kMost> parts_of_;  // how many each pretoken has
    std::array<std::span<const TokenId>, kMost> tokens_;
    std::vector<TokenId> joined_;
};

}  // namespace ctxpack::bpe
