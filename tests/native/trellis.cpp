// The trellis counts what the reference's own steps come to, for drawn models and texts, from any sum on: where
// rounding decides, also half-way, where a sum is subtracted, with unknown characters and with pieces of more
// characters than are looked at.
#include <algorithm>
#include <cmath>
#include <random>

#include "levels.hpp"
#include "require.hpp"
#include "sentencepiece/novelty.hpp"
#include "sentencepiece/part_scan.hpp"
#include "sentencepiece_models.hpp"
#include "trellis_checks.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace {

namespace tests = ctxpack::tests;
using namespace ctxpack::sentencepiece;
using tests::require;

const std::vector<std::string> kParts = {"\u4e2d", "\u6587", "\u4e00", "\u3042", "\u3002", "\u5e74",
                                         "\u9f98", "\u00e9", "a",      " ",      "\n",     "\U0001f44d"};
const std::string kRare = "\U00020000";  // is not told apart

std::string drawn(std::mt19937& random, std::size_t parts, std::size_t longest) {
    std::string text;
    for (std::size_t left = longest; left > 0; --left) text += kParts[random() % parts];
    return text;
}

std::string runs(std::mt19937& random) {
    std::string text;
    for (int left = 40; left > 0; --left) {
        for (std::size_t again = 1 + random() % 30; again > 0; --again) text += kParts[left % 4];
    }
    return text;
}

Model drawn_model(std::mt19937& random) {
    Model model;
    model.type = ModelType::unigram;
    model.escape_whitespaces = random() % 2;
    model.add("<unk>", 0, PieceType::unknown);
    if (random() % 2) model.add_bytes();
    model.add(kParts[0], -7, PieceType::normal);
    const bool alike = random() % 2, far = random() % 2;
    const std::size_t longest = random() % 4 ? 5 : 20;
    for (std::size_t left = 1 + random() % 80; left > 0; --left) {
        std::string piece = drawn(random, 1 + random() % kParts.size(), 1 + random() % longest);
        for (std::size_t at; model.escape_whitespaces && (at = piece.find(' ')) != piece.npos;)
            piece.replace(at, 1, "\u2581");
        if (std::find(model.pieces.begin(), model.pieces.end(), piece) != model.pieces.end()) continue;
        // Few scores, so that there are ties, or many that rounding makes nearly the same.
        const float score = alike ? static_cast<float>(random() % 20) : 5 + 0.0003F * static_cast<float>(random() % 40);
        const bool is_user_defined = random() % 40 == 0;
        model.add(piece, far ? -9 * score : -score, is_user_defined ? PieceType::user_defined : PieceType::normal);
    }
    return model;
}

void check_drawn(std::mt19937& random) {
    const Model model = drawn_model(random);
    const Pieces pieces = model.with_data([](const ModelData& found) { return Pieces(found); });
    const Scores scores(pieces);
    std::size_t blocks = 0;
    for (const float sum : {0.0F, -3'000.0F, -65'530.0F, -99'000.0F, -99'995.0F, 99'000.0F}) {
        blocks += tests::blocks_held(scores, drawn(random, kParts.size() - random() % 6, 1 + random() % 3000), sum);
        tests::blocks_held(scores, drawn(random, 2, 600) + kRare + drawn(random, 6, 30), sum);
        tests::blocks_held(scores, runs(random), sum);
    }
    static std::size_t all = 0, drawn = 0;
    all += blocks;
    require(++drawn < 50 || all > drawn, "hardly any block was counted");
}

// Scores that lie half-way between two sums, so that it matters whether a sum is even or odd, and ways that are as good
// but for these halves; between words no piece reaches across.
void check_half_ways(std::mt19937& random) {
    const float half = std::ldexp(1.0F, -8 - static_cast<int>(random() % 6)), power = 0x1p24F * half;
    Model model;
    model.type = ModelType::unigram;
    model.escape_whitespaces = false;
    model.add("<unk>", 0, PieceType::unknown);
    const auto add = [&](const std::string& piece, std::size_t size) {
        if (std::find(model.pieces.begin(), model.pieces.end(), piece) != model.pieces.end()) return;
        const float halves = half * static_cast<float>(random() % 7);
        model.add(piece, -3 * static_cast<float>(size) - halves, PieceType::normal);
    };
    for (std::size_t i = 0; i < 5; ++i) add(kParts[i], 1);
    for (std::size_t left = 30; left > 0; --left) {
        const std::size_t size = 2 + random() % 5;
        add(drawn(random, 4, size), size);
    }
    const Pieces pieces = model.with_data([](const ModelData& found) { return Pieces(found); });
    const Scores scores(pieces);
    std::string text;
    for (int words = 700; words > 0; --words) text += drawn(random, 4, 1 + random() % 8) + kParts[4];
    for (int left = 12; left > 0; --left) {
        const float ulps = static_cast<float>(random() % (1 << 23)) * 2 * half;
        tests::blocks_held(scores, text, std::max(-power - ulps, -99'000.0F));
        tests::blocks_held(scores, text, -2 * power + static_cast<float>(random() % 4000));
    }
}

// Where words are mostly new, more and more blocks go without, unless these take longer; what they took is forgotten.
void check_novelty() {
    const std::string text(5000, 'a');
    const ctxpack::Bytes p = ctxpack::bytes(text), end = p + text.size();
    Novelty novelty;
    novelty.note_words(p, end, 50);
    require(!novelty.was_high() && !novelty.take_block(), "known words are taken for new ones");
    for (unsigned blocks = 1; blocks <= 32; blocks *= 2) {
        novelty.note_words(p, end, 5000);
        require(novelty.was_high(), "new words are not noticed");
        for (unsigned i = 0; i < blocks; ++i) require(novelty.take_block(), "too few blocks go without words");
        require(!novelty.take_block(), "too many blocks go without words");
    }
    novelty.note_words(p, p + 50, 1);
    require(novelty.was_high(), "a few known words are taken for the text");
    novelty.note_words(p, end, 50);
    require(!novelty.was_high() && !novelty.take_block(), "known words go unnoticed");
    novelty.note_block(500, 5000);
    novelty.note_words(p, end, 5000);
    require(!novelty.was_high(), "what longer pieces take is not reckoned");
    for (int parts = 0; parts < 400; ++parts) novelty.note_words(p, end, 50);
    novelty.note_words(p, end, 5000);
    require(novelty.was_high(), "what another text took is not forgotten");
}

// A block that may go without words is not taken twice where a text begins with it.
void check_short_texts() {
    Model model;
    model.type = ModelType::unigram;
    model.add("<unk>", 0, PieceType::unknown);
    model.add("a", -1, PieceType::normal);
    const Pieces pieces = model.with_data([](const ModelData& found) { return Pieces(found); });
    const Scores scores(pieces);
    const Splitter splitter(pieces.segments());
    scores.characters(std::size_t{1} << 20);
    const std::string padded = std::string(2 * kPadding + 100, 'a');
    const ctxpack::Bytes p = ctxpack::bytes(padded) + kPadding, end = p + 100;
    Unigram unigram(scores);
    unigram.begin(0);
    CountSink sink(ctxpack::kNoToken, false);
    std::size_t by_words = 0;
    PartScan scan(scores, splitter, unigram, sink, [&](ctxpack::Bytes, ctxpack::Bytes) { ++by_words; });
    for (int times = 0; times < 2; ++times) unigram.novelty().note_words(p, end, 1000);
    for (int texts = 0; texts < 2; ++texts) scan.run(p, end);
    require(by_words == 0 && sink.total() == 200, "too few texts go without words");
    scan.run(p, end);
    require(by_words == 1, "too many texts go without words");
}

}  // namespace

int main() {
    if (!ctxpack::cpu::can_run(ctxpack::cpu::Level::avx512)) return 0;
    check_novelty();
    check_short_texts();
    std::mt19937 random(1);
    for (int i = 0; i < 400; ++i) check_drawn(random);
    for (int i = 0; i < 100; ++i) check_half_ways(random);
}

#else

int main() {}

#endif
