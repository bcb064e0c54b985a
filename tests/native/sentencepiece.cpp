// Drawn models count as many tokens as they encode, on one thread as on several, the second time as the first and for
// every processor, and give text back that they can spell. Past the end of a text nothing can be read.
#include <algorithm>
#include <cmath>
#include <random>

#include "guarded.hpp"
#include "levels.hpp"
#include "part_checks.hpp"
#include "require.hpp"
#include "sentencepiece/adding.hpp"
#include "sentencepiece/scan.hpp"
#include "sentencepiece/unigram.hpp"
#include "sentencepiece_models.hpp"

namespace {

namespace cpu = ctxpack::cpu;
namespace tests = ctxpack::tests;
using namespace ctxpack::sentencepiece;
using tests::require;

const std::vector<std::string> kParts = {
    "a", "b",  "c",    "ab",   "x",      " ",      "  ",     "\u2581", ".",
    "1", "\n", "\x02", "\x1b", "\u00e9", "\u0301", "\u4e2d", "\u6587", "\U0001f44d",
};

// Of few of which most models have pieces.
const std::vector<std::string> kThreeByteParts = {"\u4e2d", "\u6587", "\u4e00", "\u3042",
                                                  "\ud55c", "\u3002", "\u2581", "ab"};

// Of which none, or few, have pieces: unknown ones stand in runs, and between known ones.
const std::vector<std::string> kUnknownParts = {"\u5e74", "\u6708", "\u65e5", "\u5e74\u6708\u65e5\u6642\u5206",
                                                "\u3042", "\ud55c", "\u4e2d", "a"};

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
    constexpr PieceType kTypes[] = {PieceType::normal, PieceType::normal,       PieceType::normal,
                                    PieceType::normal, PieceType::user_defined, PieceType::unused};
    Model model;
    model.type = random() % 2 ? ModelType::bpe : ModelType::unigram;
    model.add_dummy_prefix = random() % 2;
    model.remove_extra_whitespaces = random() % 2;
    model.escape_whitespaces = random() % 4 != 0;
    model.whitespace_as_suffix = random() % 4 == 0;
    model.add("<unk>", 0, PieceType::unknown);
    if (random() % 2) model.add_bytes();
    model.add("a", -1, PieceType::normal);
    const std::size_t types = std::size(kTypes) - random() % 2;  // BPE with unused pieces does not cut its text
    const bool non_ascii = random() % 3 == 0;
    for (std::size_t left = random() % 80; left > 0; --left) {
        const std::string piece = non_ascii ? drawn(random, 8, kThreeByteParts) : drawn(random, 5);
        if (piece.empty() || std::find(model.pieces.begin(), model.pieces.end(), piece) != model.pieces.end()) continue;
        // Few scores, so that there are ties.
        model.add(piece, -static_cast<float>(random() % 20), kTypes[random() % types]);
    }
    return model;
}

using Ids = std::vector<ctxpack::TokenId>;

// With nothing readable past its end. Valid until the next one.
std::string_view guarded(const std::string& text) {
    static tests::Guarded memory;
    return {memory.copy(std::span(text)), text.size()};
}

// What texts become: as many tokens as they count, the second time as the first.
std::vector<Ids> encoded(const Encoding& encoding, const std::vector<std::string>& texts) {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const auto counts = encoding.count_batch(views, {}, 3);
    std::vector<Ids> all;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string_view text = guarded(texts[i]);
        all.push_back(encoding.encode(text));
        require(all[i].size() == counts[i], "counts on threads differ", text);
        for (int time = 0; time < 2; ++time) {
            require(encoding.count(text) == all[i].size(), "count and encode differ", text);
        }
        require(encoding.encode(text) == all[i], "the second time differs", text);
    }
    return all;
}

// The last level is the best one, and stays chosen.
void check(const Model& model, const std::vector<std::string>& texts) {
    std::vector<Ids> expected;
    for (const cpu::Level level : tests::levels()) {
        cpu::chosen_level = level;
        const auto found = encoded(model.encoding(), texts);
        if (expected.empty()) expected = found;
        for (std::size_t i = 0; i < texts.size(); ++i) require(found[i] == expected[i], "a level differs", texts[i]);
    }
    const Encoding encoding = model.encoding();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        require(tests::parts_hold(encoding, guarded(texts[i])), "parts differ", texts[i]);
        const std::size_t most = 4 * texts[i].size() + 4 * expected[i].size();
        require(encoding.decode_repaired(expected[i]).size() <= most, "decoding grows", texts[i]);
    }
}

// Where rounding decides between ways that score the same, all that unknown characters score has to be in the sum, also
// where it comes to its end.
void check_sums(std::mt19937& random) {
    Model model;
    model.type = ModelType::unigram;
    model.add("<unk>", 0, PieceType::unknown);
    if (random() % 2) model.add_bytes();
    if (random() % 2) model.add("rare", -120, PieceType::normal);  // so that the scores of unknown ones are not kept
    const auto score = [&random] { return -5 - 0.1F * static_cast<float>(random() % 30); };
    for (const auto& [left, right] : {std::pair{"a", "b"}, std::pair{"\u4e2d", "\u6587"}}) {
        const float first = score(), second = score();
        model.add(left, first, PieceType::normal);
        model.add(right, second, PieceType::normal);
        model.add(std::string(left) + right, first + second, PieceType::normal);
    }
    std::vector<std::string> parts{"ab", "ab ", "\u4e2d\u6587", "\u5e74\u6708\u65e5\u6642\u5206\u79d2"};
    for (std::size_t left = random() % 20; left > 0; --left) parts.push_back("\u5e74");
    check(model, {drawn(random, 9000, parts), drawn(random, 9000, parts)});
}

// A character of three bytes.
std::string three_bytes(unsigned point) {
    const unsigned bytes[] = {0xE0 | point >> 12, 0x80 | (point >> 6 & 0x3F), 0x80 | (point & 0x3F)};
    return {static_cast<char>(bytes[0]), static_cast<char>(bytes[1]), static_cast<char>(bytes[2])};
}

// Unknown characters that hashes say to stand beside known ones in pieces stand apart from them all the same.
void check_collisions(std::mt19937& random) {
    Model model;
    model.type = random() % 2 ? ModelType::bpe : ModelType::unigram;
    model.add("<unk>", 0, PieceType::unknown);
    const auto known = [&random] { return three_bytes(0x4E00 + random() % 0x80); };
    for (unsigned i = 0; i < 0x80; ++i) model.add(three_bytes(0x4E00 + i), -20, PieceType::normal);
    for (int i = 0; i < 4000; ++i) {
        const std::string piece = known() + known();
        if (std::find(model.pieces.begin(), model.pieces.end(), piece) == model.pieces.end())
            model.add(piece, -static_cast<float>(random() % 20), PieceType::normal);
    }
    const Pieces pieces = model.with_data([](const ModelData& found) { return Pieces(found); });
    const Splitter splitter(pieces.segments());
    std::string text;
    for (unsigned unknown = 0xAC00; unknown < 0xD700; ++unknown) {
        const std::string left = three_bytes(unknown), right = known(), both = left + right;
        if (splitter.starts_word(reinterpret_cast<ctxpack::Bytes>(both.data()) + left.size())) continue;
        text += both + left + left + left + right + known();
    }
    require(text.size() > 200, "too few collisions", text);
    check(model, {text});
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
    const Scores scores(pieces);
    Unigram unigram(scores);
    for (int i = 0; i < 40; ++i) {
        const std::string word = drawn(random, 14, random() % 3 ? kParts : kThreeByteParts);
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

// Where one way is far better, its tokens hold nearly up to where the sum is taken away.
void check_usual_limit() {
    Model model;
    model.type = ModelType::unigram;
    model.add("<unk>", 0, PieceType::unknown);
    model.add("a", -5, PieceType::normal);
    model.add("b", -5, PieceType::normal);
    model.add("ab", -2, PieceType::normal);
    model.add("x", -1, PieceType::normal);
    model.add("xx", 20, PieceType::normal);
    model.add("\u00e9", -5, PieceType::normal);
    const Pieces pieces = model.with_data([](const ModelData& found) { return Pieces(found); });
    const Scores scores(pieces);
    const auto holds_from = [&](float sum, const std::string& word) {
        const std::string padded = std::string(kPadding, 'a') + word + std::string(kPadding, 'a');
        const auto p = reinterpret_cast<ctxpack::Bytes>(padded.data()) + kPadding;
        Unigram unigram(scores);
        const Tokens best = unigram.segment(p, word.size());
        require(best.limit >= kUsualLimit, "a clear choice does not last", word);
        unigram.begin(sum);
        return unigram.accept(p, word.size(), best);
    };
    // The ways to the characters inside are no worse than 15 below, and no better than 80 above.
    require(holds_from(-99'903, "abab") && holds_from(99'903, "abab"), "a clear choice does not last on", "abab");
    require(!holds_from(-99'986, "abab") && !holds_from(-100'001, "abab"), "the sum might be taken away", "abab");
    require(!holds_from(99'970, "xxxxxx"), "the sum might be taken away", "xxxxxx");
    require(holds_from(-99'880, "\u00e9\u00e9"), "a clear choice does not last", "\u00e9\u00e9");
}

// Tokens that are accepted are those of the reference's own steps, also close to where these take the sum away.
void check_near_end(std::mt19937& random) {
    Model model = drawn_model(random);
    model.type = ModelType::unigram;
    for (float& score : model.scores) score -= static_cast<float>(random() % 40) * 0.1F;
    const Pieces pieces = model.with_data([](const ModelData& found) { return Pieces(found); });
    const Scores scores(pieces);
    Unigram unigram(scores), slow(scores);
    for (int i = 0; i < 40; ++i) {
        const std::string word = random() % 2 ? drawn(random, 8, {"a", "b", "c", "ab", "x", " ", "1", "\u00e9"})
                                              : drawn(random, 8, kThreeByteParts);
        if (word.empty()) continue;
        const std::string padded = std::string(kPadding, 'a') + word + std::string(kPadding, 'a');
        const auto p = reinterpret_cast<ctxpack::Bytes>(padded.data()) + kPadding;
        const Tokens best = unigram.segment(p, word.size());
        for (int k = 0; k < 30; ++k) {
            const float sum = -99'800.0F - static_cast<float>(random() % 2100) * 0.1F;
            unigram.begin(sum);
            if (!unigram.accept(p, word.size(), best)) continue;
            slow.begin(sum);
            const Tokens here = slow.segment_here(p, word.size());
            require(std::equal(best.ids, best.ids + best.count, here.ids, here.ids + here.count), "tokens differ",
                    word);
            require(unigram.sum().value == slow.sum().value, "sums differ", word);
        }
    }
}

// A table of words holds all that were added, through both of its sizes, until it is half full.
void check_growing(std::mt19937& random) {
    WordTable<LongSlot, 10> table;
    std::vector<std::string> words;
    const auto has = [&table](const std::string& word, ctxpack::TokenId id) {
        const LongKey key{reinterpret_cast<ctxpack::Bytes>(word.data()), word.size()};
        const LongSlot* const slot = table.find(key, table.line(key));
        return slot != nullptr && slot->count() == 2 && table.ids(slot)[0] == id && slot->limit() == 7;
    };
    const auto add = [&] {
        const auto id = static_cast<ctxpack::TokenId>(words.size());
        words.push_back(std::to_string(id) + std::string(random() % 50, 'x'));
        const LongKey key{reinterpret_cast<ctxpack::Bytes>(words.back().data()), words.back().size()};
        require(table.find(key, table.line(key)) == nullptr, "a word is there that was not added", words.back());
        table.insert(key, std::array{id, id}, 2, 7.0F);
    };
    while (words.size() < table.kMostSlots / 2) {
        add();
        for (std::size_t i = 0; i < words.size(); ++i) {
            require(has(words[i], static_cast<ctxpack::TokenId>(i)), "a word is lost", words[i]);
        }
    }
    add();
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        require(!has(words[i], static_cast<ctxpack::TokenId>(i)), "a word is not forgotten", words[i]);
    }
    require(has(words.back(), static_cast<ctxpack::TokenId>(words.size() - 1)), "the last word is lost", words.back());
}

// The table of short words forgets just when words that were met lately, which it has forgotten before, are looked up
// again because the sum comes near to where it is taken away.
void check_forgetting() {
    constexpr std::size_t kSlots = decltype(Workspace<Unigram>::short_words)::kMostSlots;
    Model model;
    model.type = ModelType::unigram;
    model.add_dummy_prefix = model.remove_extra_whitespaces = false;
    model.add("<unk>", 0, PieceType::unknown);
    model.add("\u2581", 0, PieceType::normal);
    std::string letters;
    for (char letter = '!'; letters.size() < 66; ++letter) letters += letter;
    // Pairs are never chosen: they only hold words together.
    for (const char left : letters) {
        model.add({left}, 0, PieceType::normal);
        model.add(std::string("\u2581") + left, -40, PieceType::normal);
        for (const char right : letters) model.add({left, right}, -40, PieceType::normal);
    }
    model.add("q", -50, PieceType::normal);
    model.add("\u2581q", -100, PieceType::normal);
    std::string once, summed;
    std::size_t words = 0;
    for (const char a : letters) {
        for (const char b : letters) {
            // " q" and these fill it once and, but for one word, again.
            for (const char c : letters) once += words++ < kSlots - 2 ? std::string{' ', a, b, c} : "";
        }
    }
    for (int i = 0; i < 1997; ++i) summed += " q";
    summed += " !#$%&";
    const Encoding encoding = model.encoding();
    for (int time = 0; time < 2; ++time) require(encoding.count(" q q") == 4, "counts differ", "q");
    require(encoding.count(once) == 4 * (kSlots - 2), "counts differ", once);
    require(encoding.count(summed) == 2 * 1997 + 6, "counts differ", summed);
}

// No score is other than zero, that of unknown characters neither: 10 less than the lowest.
void check_zero_scores() {
    Model model;
    model.type = ModelType::unigram;
    model.add_dummy_prefix = false;
    model.add("<unk>", 0, PieceType::unknown);
    model.add("a b", 10, PieceType::normal);  // in no text, as spaces are written
    model.add("x", 0, PieceType::user_defined);
    const Encoding encoding = model.encoding();
    require(encoding.encode("xyxx") == std::vector<ctxpack::TokenId>{2, 0, 2, 2}, "scores of zero", "xyxx");
    for (int time = 0; time < 3; ++time) require(encoding.count("xyxxyyx") == 6, "scores of zero count", "xyxxyyx");
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
    const float unknown = random() % 2 ? words[random() % words.size()][0] : -150;
    bool has_unknown = false;
    for (const WordScores& word : words) {
        for (const float score : word) sum += score, tokens += std::signbit(score);
        has_unknown |= word[0] == unknown;
    }
    for (const cpu::Level level : tests::levels()) {
        const Added added = add_scores_for(level)(before, words, unknown);
        require(added.sum == sum && added.tokens == tokens, "adding scores differs", {});
        require(added.has_unknown >= has_unknown, "an unknown score is overlooked", {});
    }
}

}  // namespace

int main() {
    std::mt19937 random(20261124);
    for (int i = 0; i < 60; ++i) {
        std::vector<std::string> texts{""};
        for (int k = 0; k < 12; ++k) texts.push_back(drawn(random, k < 10 ? 60 : 3000));
        for (int k = 0; k < 3; ++k) texts.push_back(drawn(random, 3000, kThreeByteParts));
        for (int k = 0; k < 3; ++k) texts.push_back(drawn(random, 3000, kUnknownParts));
        texts.push_back(beginnings(random));
        const Model model = drawn_model(random);
        for (int k = 0; k < 3; ++k) texts.push_back(drawn(random, 1000, model.pieces));  // long pieces as a whole, too
        check(model, texts);
        check_spelling(random);
    }
    for (int i = 0; i < 40; ++i) check_sums(random);
    check_collisions(random);
    check_collisions(random);
    check_usual_limit();
    check_growing(random);
    check_forgetting();
    check_zero_scores();
    for (int i = 0; i < 3000; ++i) check_limits(random);
    for (int i = 0; i < 1000; ++i) check_near_end(random);
    for (int i = 0; i < 100'000; ++i) check_adding(random);
    std::printf("all hold\n");
}
