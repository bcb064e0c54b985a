// Compares the ways to merge short pretokens side by side with merging each alone, for made-up vocabularies.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bpe/merge.hpp"
#include "bpe/merge_batch.hpp"
#include "made_up_merges.hpp"
#include "unicode/utf8.hpp"

namespace {

using namespace ctxpack;
using namespace ctxpack::bpe;
using tests::drawn;

void require(bool holds, const char* what, const std::string& piece) {
    if (holds) return;
    std::printf("%s: %s\n", what, piece.c_str());
    std::exit(1);
}

// Of bytes that are characters, each a symbol.
std::string ascii(std::mt19937& random, std::size_t size) {
    std::string text;
    while (text.size() < size) text += "abc="[random() % 4];
    return text;
}

// As many pieces as a batch holds, or fewer; some start from as many symbols as one may, or nearly.
void compare(std::mt19937& random, const Vocabulary& vocabulary, const Merges& merges, cpu::Level level) {
    const std::vector<IdRun> runs = {{0, 7}};
    const Ids names(runs, vocabulary.size());
    const auto batch = merge_batch_for(level, vocabulary, merges, names);
    Merger merger(vocabulary, merges, names);
    for (int round = 0; round < 40; ++round) {
        std::vector<std::string> pieces;
        for (std::size_t left = 1 + random() % MergeBatch::kMost; left > 0; --left) {
            const std::string piece = left % 8 ? drawn(random, 2 + random() % (left % 4 ? 8 : 40))
                                               : ascii(random, MergeBatch::kSymbols - 2 + random() % 4);
            const auto* const p = reinterpret_cast<Bytes>(piece.data());
            if (merger.merge(p, piece.size(), 1).size() > 1 && batch->add(p, piece.size())) pieces.push_back(piece);
        }
        batch->merge();
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            const auto& alone = merger.merge(reinterpret_cast<Bytes>(pieces[i].data()), pieces[i].size(), 1);
            const auto together = batch->tokens(i);
            const bool same = std::equal(alone.begin(), alone.end(), together.begin(), together.end());
            require(same, "merged otherwise", pieces[i]);
        }
        batch->clear();
    }
}

}  // namespace

int main() {
    std::mt19937 random(20261125);
    const std::vector<std::uint8_t> bytes = tests::single_bytes();
    for (int i = 0; i < 60; ++i) {
        const std::vector<std::uint8_t> pairs = tests::learnt(random, 1 + random() % 300);
        const std::vector<RankRange> hasty = {{260, 290}};
        const VocabularyData data{bytes, pairs, {}, {}, i % 3 ? std::span<const RankRange>() : hasty};
        const Vocabulary vocabulary(data);
        const Merges merges(vocabulary, data);
        for (const cpu::Level level : {cpu::Level::portable, cpu::Level::avx512}) {
            if (cpu::can_run(level)) compare(random, vocabulary, merges, level);
        }
    }
    std::puts("merged alike");
}
