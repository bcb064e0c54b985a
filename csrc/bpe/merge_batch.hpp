// Byte-pair merging of several short pretokens side by side.
//
// What a merge looks up depends on the merge before it, and the tables are larger than the fast caches of a processor:
// one after the other, pretokens would wait for memory at every merge. Here all take one step in turn, and what they
// look up next is fetched at once.
#pragma once

#include <memory>
#include <span>

#include "bpe/ids.hpp"
#include "bpe/merges.hpp"
#include "cpu/level.hpp"

namespace ctxpack::bpe {

class MergeBatch {
public:
    static constexpr std::size_t kMost = 64;     // pretokens
    static constexpr std::size_t kSymbols = 32;  // that one may start from

    virtual ~MergeBatch() = default;

    // Takes the pretoken [p, p + size), known to be no token; false, and nothing taken, where it starts from too many
    // symbols. The batch must not be full.
    virtual bool add(Bytes p, std::size_t size) = 0;
    // Merges all of them.
    virtual void merge() = 0;
    // The ids of one of them, once they are merged: at least two, until clear(). kSymbols may be read there.
    virtual std::span<const TokenId> tokens(std::size_t at) const = 0;
    virtual void clear() = 0;
};

// The fastest one that a processor of that level can run.
std::unique_ptr<MergeBatch> merge_batch_for(cpu::Level level, const Vocabulary& vocabulary, const Merges& merges,
                                            const Ids& ids);

}  // namespace ctxpack::bpe
