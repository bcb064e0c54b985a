// Compares merging one pretoken with its definition, and the ways to merge short ones side by side with merging each
// alone, for made-up vocabularies.
#include <algorithm>
#include <cstdio>

#include "bpe/merge.hpp"
#include "bpe/merge_batch.hpp"
#include "made_up_merges.hpp"
#include "require.hpp"
#include "unicode/utf8.hpp"

namespace {

using namespace ctxpack;
using namespace ctxpack::bpe;
using tests::drawn;
using tests::require;

// Of bytes that are characters, each a symbol.
std::string ascii(std::mt19937& random, std::size_t size) {
    std::string text;
    while (text.size() < size) text += "abc="[random() % 4];
    return text;
}

// Some start from as many symbols as are merged side by side, or nearly; some have many parts, or too many.
std::string drawn_for_batch(std::mt19937& random, std::size_t number) {
    if (number % 8 == 0) return ascii(random, PartMerger::kSymbols - 2 + random() % 4);
    if (number % 8 == 1) return drawn(random, 2 + random() % 400);
    return drawn(random, 2 + random() % (number % 4 ? 8 : 40));
}

// As many pretokens as a batch holds, or fewer.
void compare(std::mt19937& random, const Vocabulary& vocabulary, const Merges& merges, cpu::Level level) {
    const std::vector<IdRun> runs = {{0, 7}};
    const Ids names(runs, vocabulary.size());
    MergeBatch batch(level, vocabulary, merges, names);
    Merger merger(vocabulary, merges, names);
    for (int round = 0; round < 40; ++round) {
        std::vector<std::string> pretokens;
        for (std::size_t left = 1 + random() % MergeBatch::kMost; left > 0 && !batch.is_full(); --left) {
            const std::string pretoken = drawn_for_batch(random, left);
            const auto* const p = reinterpret_cast<Bytes>(pretoken.data());
            if (merger.merge(p, pretoken.size(), 1).size() > 1 && batch.add(p, pretoken.size()))
                pretokens.push_back(pretoken);
        }
        batch.merge();
        for (std::size_t i = 0; i < pretokens.size(); ++i) {
            const auto& alone = merger.merge(reinterpret_cast<Bytes>(pretokens[i].data()), pretokens[i].size(), 1);
            const auto together = batch.tokens(i);
            const bool same = std::equal(alone.begin(), alone.end(), together.begin(), together.end());
            require(same, "merged otherwise", pretokens[i]);
        }
        batch.clear();
    }
}

// Pretokens of runs, each of one part or of a few in turn, from short to many windows.
std::string runs(std::mt19937& random) {
    std::string text;
    for (std::size_t left = 1 + random() % 12; left > 0; --left) {
        const std::string repeated = drawn(random, 1 + random() % 3);
        for (std::size_t again = random() % (left % 4 ? 20 : 300); again > 0; --again) text += repeated;
    }
    return text + "a";
}

// Symbol by symbol: what the token just made has to go into at once, or else the lowest rank, the leftmost of equals.
std::vector<TokenId> by_definition(const Vocabulary& vocabulary, const Merges& merges, const std::string& pretoken) {
    std::vector<TokenId> ids;
    for (const char byte : pretoken) ids.push_back(vocabulary.byte_rank(static_cast<std::uint8_t>(byte)));
    const auto rank = [&](std::size_t at) {
        return at + 1 < ids.size() ? merges.merged(ids[at], ids[at + 1]) : kNoToken;
    };
    for (std::size_t made = ids.size();;) {
        std::size_t at = 0;
        for (std::size_t i = 1; i < ids.size(); ++i) at = rank(i) < rank(at) ? i : at;
        if (made < ids.size()) {
            const std::size_t last = made > 0 ? made - 1 : made;
            const bool with_next = merges.is_hasty(ids[made], rank(made));
            if (with_next && rank(made) <= rank(last)) at = made;
            else if (with_next || merges.is_hasty(ids[made], rank(last))) at = last;
        }
        if (rank(at) == kNoToken) return ids;
        ids[at] = rank(at);
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(at) + 1);
        made = at;
    }
}

void compare_with_definition(std::mt19937& random, const Vocabulary& vocabulary, const Merges& merges) {
    const std::vector<IdRun> runs_of_ids = {{0, 0}};
    const Ids names(runs_of_ids, vocabulary.size());
    Merger merger(vocabulary, merges, names);
    for (int round = 0; round < 20; ++round) {
        std::string pretoken = round % 2 ? runs(random) : drawn(random, 1 + random() % 400);
        if (merges.has_haste()) {  // what is made up of it need not hold beyond one window, or for whole characters
            std::erase_if(pretoken, [](char byte) { return (byte & 0x80) != 0; });
            pretoken.resize(std::min<std::size_t>(pretoken.size(), 190));
            if (pretoken.empty()) continue;
        }
        const auto& merged = merger.merge(reinterpret_cast<Bytes>(pretoken.data()), pretoken.size(), 1);
        require(merged == by_definition(vocabulary, merges, pretoken), "merged against the definition", pretoken);
    }
}

}  // namespace

int main() {
    std::mt19937 random(20261125);
    const std::vector<std::uint8_t> bytes = tests::single_bytes();
    for (int i = 0; i < 60; ++i) {
        const std::vector<std::uint8_t> pairs = tests::learnt(random, 1 + random() % 300);
        const std::vector<RankRange> hasty = tests::hasty_of(pairs);
        const VocabularyData data{bytes, pairs, {}, {}, i % 3 ? std::span<const RankRange>() : hasty};
        const Vocabulary vocabulary(data);
        const Merges merges(vocabulary, data);
        compare_with_definition(random, vocabulary, merges);
        for (const cpu::Level level : {cpu::Level::portable, cpu::Level::avx512}) {
            if (cpu::can_run(level)) compare(random, vocabulary, merges, level);
        }
    }
    std::puts("merged alike");
}
