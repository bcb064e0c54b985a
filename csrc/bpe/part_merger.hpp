// Byte-pair merging of several short parts of pretokens side by side.
//
// What a merge looks up depends on the merge before it, and the tables are larger than the fast caches of a processor:
// one after the other, parts would wait for memory at every merge. Here all take one step in turn, and what they look
// up next is fetched at once.
#pragma once

#include <memory>
#include <span>

#include "bpe/ids.hpp"
#include "bpe/merges.hpp"
#include "cpu/level.hpp"

namespace ctxpack::bpe {

class PartMerger {
public:
    static constexpr std::size_t kMost = 128;    // parts
    static constexpr std::size_t kSymbols = 32;  // that one may start from

    virtual ~PartMerger() = default;

    // Each of these takes a part; there must be room for it.
    //
    // The pretoken [p, p + size), known to be no token; false, and nothing taken, where it is not ASCII or too long.
    virtual bool add_ascii(Bytes p, std::size_t size) = 0;
    // What starts from these symbols, at most kSymbols, which must stay until it is merged. It is known to be at least
    // `fewest` tokens, one or two.
    virtual void add(std::span<const TokenId> symbols, unsigned fewest) = 0;
    // Merges all of them.
    virtual void merge() = 0;
    // The ids of one of them, once they are merged: until clear(). kSymbols may be read there.
    virtual std::span<const TokenId> tokens(std::size_t at) const = 0;
    virtual void clear() = 0;
};

// The fastest one that a processor of that level can run.
std::unique_ptr<PartMerger> part_merger_for(cpu::Level level, const Vocabulary& vocabulary, const Merges& merges,
                                            const Ids& ids);

}  // namespace ctxpack::bpe
