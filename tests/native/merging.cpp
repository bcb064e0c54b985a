// Compares the ways to merge short pretokens side by side with merging each alone, for made-up vocabularies.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "bpe/merge.hpp"
#include "bpe/merge_batch.hpp"
#include "unicode/utf8.hpp"

namespace {

using namespace ctxpack;
using namespace ctxpack::bpe;

// Few bytes, so that most pairs of symbols merge, and characters whose parts do.
const std::vector<std::string> kParts = {"a", "b", "c", " ", "=", "\u00e9", "\u00e8", "\u4e2d", "\u4e00", "\U0001f44d"};

std::string drawn(std::mt19937& random, std::size_t parts) {
    std::string text;
    for (; parts > 0; --parts) text += kParts[random() % kParts.size()];
    return text;
}

// The merges of a text's neighbours, again and again: what BPE learns, but for the order.
std::vector<std::uint8_t> learnt(std::mt19937& random, std::size_t merges) {
    std::vector<std::uint8_t> pairs;
    std::vector<TokenId> text;
    for (const char byte : drawn(random, 4000)) text.push_back(static_cast<std::uint8_t>(byte));
    for (TokenId made = 256; made < 256 + merges && text.size() > 1; ++made) {
        const std::size_t at = random() % (text.size() - 1);
        const TokenId left = text[at], right = text[at + 1];
        for (const TokenId half : {left, right}) {
            for (int byte = 0; byte < 3; ++byte) pairs.push_back(static_cast<std::uint8_t>(half >> 8 * byte));
        }
        std::vector<TokenId> shorter;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool merges_here = text[i] == left && i + 1 < text.size() && text[i + 1] == right;
            shorter.push_back(merges_here ? made : text[i]);
            i += merges_here;
        }
        text = shorter;
    }
    return pairs;
}

void require(bool holds, const char* what, const std::string& piece) {
    if (holds) return;
    std::printf("%s: %s\n", what, piece.c_str());
    std::exit(1);
}

// As many pieces as a batch holds, or fewer.
void compare(std::mt19937& random, const Vocabulary& vocabulary, const Merges& merges, cpu::Level level) {
    const auto batch = merge_batch_for(level, vocabulary, merges);
    Merger merger(vocabulary, merges);
    for (int round = 0; round < 40; ++round) {
        std::vector<std::string> pieces;
        for (std::size_t left = 1 + random() % MergeBatch::kMost; left > 0; --left) {
            const std::string piece = drawn(random, 2 + random() % (left % 4 ? 8 : 40));
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
    std::vector<std::uint8_t> bytes(256);
    for (unsigned byte = 0; byte < 256; ++byte) bytes[byte] = static_cast<std::uint8_t>(byte);
    for (int i = 0; i < 60; ++i) {
        const std::vector<std::uint8_t> pairs = learnt(random, 1 + random() % 300);
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
