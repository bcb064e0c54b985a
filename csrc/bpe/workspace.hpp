// What one call counts or encodes with.
#pragma once

#include "bpe/merge.hpp"
#include "bpe/merge_batch.hpp"
#include "bpe/pretoken_tables.hpp"
#include "bpe/recent_tokens.hpp"
#include "bpe/sinks.hpp"

namespace ctxpack::bpe {

// Tables and scratch space of one thread. What it is made of must outlive it.
struct Workspace {
    Workspace(const Vocabulary& vocabulary, const Merges& merges, const Ids& ids)
        : tables(vocabulary, ids),
          merger(vocabulary, merges, ids),
          batch(cpu::best_level(), vocabulary, merges, ids),
          merges(merges) {}

    // Gives back what a long pretoken took.
    void release() { merger.release(); }

    PretokenTables tables;
    RecentTokens<false> recent_counted;
    RecentTokens<true> recent_encoded;
    Merger merger;
    MergeBatch batch;
    IdSink::Buffers ids;
    CountSink::Known stretches;
    const Merges& merges;
};

}  // namespace ctxpack::bpe
