// Drawn models count as many tokens as they encode, on one thread as on several, the second time as the first and for
// every processor, and give text back that they can spell. Texts lie in buffers of their exact size, so that a sanitizer
// sees reads past the end.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>

#include "part_checks.hpp"
#include "sentencepiece/adding.hpp"
#include "sentencepiece/unigram.hpp"
#include "sentencepiece_models.hpp"

namespace {

using namespace ctxpack::sentencepiece;

const std::vector<std::string> kParts = {
    "a", "b", "c", "ab", "x", " ", "  ", "\u2581", ".", "1", "\n", "\x02", "\x1b", "\u00e9", "\u0301", "\u4e2d",
    "\u6587", "\U0001f44d",
};

// Of few of which a model has pieces.
const std::vector<std::string> kWideParts = {"\u4e2d", "\u6587", "\u4e00", "\u3042", "\ud55c", "\u3002", "\u2581", "ab"};

std::string drawn(std::mt19937& random, std::size_t longest, const std::vector<std::string>& parts = kParts) {
    std::string text;
    for (std::size_t left = random() % (longest + 1); left > 0; --left) text += parts[random() % parts.size()];
    return text;
}

// Words of which each begins the next, again and again.
std::string beginnings(std::mt19937& random) {
    const std::string word = drawn(random, 20, {"a", "b", "c", "x"}) + "abcxabcxabcx";
    std::string text;
    for (int time = 0; time < 4; ++time) {
        for (std::size_t size = 1; size <= 12; ++size) text += word.substr(0, size) + ' ';
    }
    return text;
}

Model drawn_model(std::mt19937& random) {
    constexpr PieceType kTypes[] = {PieceType::normal, PieceType::normal, PieceType::normal, PieceType::normal,
                                    PieceType::user_defined, PieceType::unused};
    Model model;
    model.type = random() % 2 ? ModelType::bpe : ModelType::unigram;
    model.add_dummy_prefix = random() % 2;
    model.remove_extra_whitespaces = random() % 2;
    model.escape_whitespaces = random() % 4 != 0;
    model.whitespace_as_suffix = random() % 4 == 0;
    model.add("<unk>", 0, PieceType::unknown);
    if (random() % 2) model.add_bytes();
    model.add("a", -1, PieceType::normal);
    for (std::size_t left = random() % 80; left > 0; --left) {
        const std::string piece = drawn(random, 5);
        if (piece.empty() || std::find(model.pieces.begin(), model.pieces.end(), piece) != model.pieces.end()) continue;
        // Few scores, so that there are ties.
        model.add(piece, -static_cast<float>(random() % 20), kTypes[random() % std::size(kTypes)]);
    }
    return model;
}

void require(bool holds, const char* what, const std::string& text) {
    if (holds) return;
    std::printf("%s on %zu bytes:", what, text.size());
    for (const char byte : text.substr(0, 500)) std::printf(" %02x", static_cast<unsigned char>(byte));
    std::printf("\n");
    std::exit(1);
}

void check(const Model& model, const std::vector<std::string>& texts) {
    const Encoding encoding = model.encoding(), portable = model.encoding(ctxpack::cpu::Level::portable);
    std::vector<std::string_view> views(texts.begin(), texts.end());
    const auto counts = encoding.count_batch(views, {}, 3);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto copy = std::make_unique<char[]>(texts[i].size());
        std::copy(texts[i].begin(), texts[i].end(), copy.get());
        const std::string_view text(copy.get(), texts[i].size());
        const auto ids = encoding.encode(text);
        require(ids.size() == counts[i], "counts on threads differ", texts[i]);
        for (int time = 0; time < 2; ++time) {
            require(encoding.count(text) == ids.size(), "count and encode differ", texts[i]);
            require(portable.count(text) == ids.size(), "another level counts otherwise", texts[i]);
        }
        require(encoding.encode(text) == ids, "the second time differs", texts[i]);
        require(portable.encode(text) == ids, "another level differs", texts[i]);
        require(ctxpack::tests::parts_hold(encoding, text), "parts differ", texts[i]);
        require(encoding.decode_repaired(ids).size() <= 4 * texts[i].size() + 4 * ids.size(), "decoding grows", texts[i]);
    }
}

// A model of bytes alone spells everything.
void check_spelling(std::mt19937& random) {
    Model model;
    model.type = random() % 2 ? ModelType::bpe : ModelType::unigram;
    model.add_dummy_prefix = model.remove_extra_whitespaces = false;
    model.add_bytes();
    model.add("\u2581", -2, PieceType::normal);
    model.add("ab", -1, PieceType::normal);
    std::string text = drawn(random, 60);
    for (std::size_t at; (at = text.find("\u2581")) != std::string::npos;) text.replace(at, 3, " ");
    const Encoding encoding = model.encoding();
    require(encoding.decode(encoding.encode(text)) == text, "spelling differs", text);
}

// As long as the sum before a word is below the limit, its best way is that of the reference's own steps.
void check_limits(std::mt19937& random) {
    Model model = drawn_model(random);
    model.type = ModelType::unigram;
    // So that rounding decides between many ways.
    for (float& score : model.scores) score -= static_cast<float>(random() % 40) * 0.0001F;
    const Pieces pieces = model.with_data([](const ModelData& found) { return Pieces(found); });
    const Scores scores(pieces, ctxpack::cpu::best_level());
    Unigram unigram(scores);
    for (int i = 0; i < 40; ++i) {
        const std::string word = drawn(random, 14, random() % 3 ? kParts : kWideParts);
        if (word.empty() || word.size() > Lattice::kLongest) continue;
        const std::string padded = std::string(kPadding, 'a') + word + std::string(kPadding, 'a');
        const auto p = reinterpret_cast<ctxpack::Bytes>(padded.data()) + kPadding;
        const Tokens best = unigram.segment(p, word.size());
        const std::vector<ctxpack::TokenId> ids(best.ids, best.ids + best.count);
        for (const float part : {0.0F, 0.1F, 0.5F, 0.9F, 0.999F}) {
            if (!(best.limit > 0)) break;
            unigram.begin(-best.limit * part);
            const Tokens here = unigram.segment_here(p, word.size());
            require(std::equal(ids.begin(), ids.end(), here.ids, here.ids + here.count), "rounding differs", word);
        }
    }
}

// Scores, some of them half-way between two floats near the sum, are added as one by one.
void check_adding(std::mt19937& random) {
    const auto scores = [&random] {
        constexpr float kFractions[] = {1.0F, 0.5F, 0.00390625F, 0.001953125F, 0.0001220703125F, 0.37F, 3e-6F};
        const std::size_t count = 1 + random() % 4;
        WordScores found{};
        for (std::size_t i = 0; i < count; ++i) {
            const float fraction = kFractions[random() % std::size(kFractions)];
            found[i] = -std::min(static_cast<float>(random() % 130) * fraction, kLargestScore);
        }
        return found;
    };
    std::vector<WordScores> words(random() % 40 == 0 ? 2000 : 1 + random() % 60);
    for (WordScores& word : words) word = scores();
    const float part = static_cast<float>(random()) / static_cast<float>(random.max());
    const float before = -std::ldexp(part, static_cast<int>(random() % 19));
    float sum = before;
    std::size_t tokens = 0;
    for (const WordScores& word : words) {
        for (const float score : word) sum += score, tokens += std::signbit(score);
    }
    for (const auto level : {ctxpack::cpu::Level::portable, ctxpack::cpu::best_level()}) {
        const Added added = add_scores_for(level)(before, words);
        require(added.sum == sum && added.tokens == tokens, "adding scores differs", {});
    }
}

}  // namespace

int main() {
    std::mt19937 random(20261124);
    for (int i = 0; i < 60; ++i) {
        std::vector<std::string> texts{""};
        for (int k = 0; k < 12; ++k) texts.push_back(drawn(random, k < 10 ? 60 : 3000));
        for (int k = 0; k < 3; ++k) texts.push_back(drawn(random, 3000, kWideParts));
        texts.push_back(beginnings(random));
        check(drawn_model(random), texts);
        check_spelling(random);
    }
    for (int i = 0; i < 3000; ++i) check_limits(random);
    for (int i = 0; i < 100'000; ++i) check_adding(random);
    std::printf("all hold\n");
}
