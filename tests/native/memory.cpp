// Where memory runs out within a call, that call throws and later ones are right; and what a long text took is given
// back.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>

#include "bpe/encoding.hpp"
#include "levels.hpp"
#include "lines/index.hpp"
#include "made_up_merges.hpp"
#include "require.hpp"
#include "sentencepiece/scores.hpp"
#include "sentencepiece_models.hpp"

namespace {

constexpr std::size_t kHead = 16;  // bytes before each allocation, that hold its size
constexpr long kNever = -1;

long left = kNever;    // allocations until one fails
std::size_t held = 0;  // bytes

void require(bool holds, const char* what, long at) {
    if (!holds) ctxpack::tests::fail(what + (" at allocation " + std::to_string(at)));
}

}  // namespace

void* operator new(std::size_t size) {
    if (left == 0) throw std::bad_alloc();
    if (left != kNever) --left;
    void* const start = std::malloc(size + kHead);
    if (start == nullptr) throw std::bad_alloc();
    *static_cast<std::size_t*>(start) = size;
    held += size;
    return static_cast<char*>(start) + kHead;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return left == 0 ? nullptr : operator new(size);
}
void operator delete(void* p) noexcept {
    if (p == nullptr) return;
    void* const start = static_cast<char*>(p) - kHead;
    held -= *static_cast<std::size_t*>(start);
    std::free(start);
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }

namespace {

using namespace ctxpack::bpe;
using ctxpack::TokenId;
namespace sentencepiece = ctxpack::sentencepiece;
namespace tests = ctxpack::tests;

// Pretokens of all sizes, most of them unknown, some of which come again; and more short ones than a table has
// room for the tokens of at the start.
std::string text_of(std::mt19937& random) {
    std::string text;
    for (const auto& [longest, words] : {std::pair{3, 40}, {8, 1200}, {14, 400}, {30, 40}, {60, 40}, {300, 40}}) {
        for (int i = 0; i < words; ++i) {
            std::string word = tests::drawn(random, 1 + random() % static_cast<unsigned>(longest));
            std::erase_if(word, [](char byte) { return byte == ' ' || byte == '='; });
            text += word + "\n" + (i % 3 ? "" : word + "\n");
        }
    }
    return text;
}

using Made = std::unique_ptr<ctxpack::Encoding>;
using Make = std::function<Made()>;

// Tokens of up to 64 bytes, so that all tables have some.
void add_doublings(std::vector<std::uint8_t>& pairs) {
    TokenId token = 'x';
    for (int doublings = 0; doublings < 6; ++doublings) {
        for (int byte = 0; byte < 6; ++byte) pairs.push_back(static_cast<std::uint8_t>(token >> 8 * (byte % 3)));
        token = static_cast<TokenId>(Vocabulary::kBytes + pairs.size() / Vocabulary::kPairSize - 1);
    }
}

// Every allocation of a call fails once, in an encoding that is new or counted before, and then has to be right. What
// that call borrowed is not lost.
void check_failures(const Make& make, const std::string& text, bool is_new, bool encodes) {
    const std::vector<TokenId> expected = make()->encode(text);
    bool failed = true;
    for (long at = 0; failed; ++at) {
        const Made encoding = make();
        if (!is_new) encoding->count("a");
        const std::size_t before = held;
        failed = false;
        left = at;
        try {
            encodes ? encoding->encode(text).size() : encoding->count(text);
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        left = kNever;
        require(is_new || held >= before, "a workspace is lost", at);
        require(encoding->count(text) == expected.size(), "counted otherwise", at);
        require(encoding->encode(text) == expected, "encoded otherwise", at);
    }
}

// Words of megabytes, and one that may be left for later before megabytes of tokens: what they took is given back by
// the next call at the latest, but for room for a text.
void check_held(const Make& make) {
    constexpr std::size_t kLong = std::size_t{1} << 23, kKept = std::size_t{5} << 20;
    const Made encoding = make();
    encoding->encode("abc");
    const std::size_t before = held;
    for (const auto& [unit, size] : {std::pair{"b", kLong}, {"b\n", kLong}, {"b", kLong / 4}}) {
        std::string text = "cabacab";
        while (text.size() < size) text += unit;
        encoding->encode(text);
        encoding->count(text);
        encoding->encode("abc");
        require(held < before + text.capacity() + kKept, "memory is kept", 0);
    }
}

// Every allocation of a step of a growing text fails once. The text may be there then, or not; the next step is right.
void check_growth(const Make& make) {
    const Made encoding = make();
    std::string head, part = "aabab";
    while (head.size() < 400) head += "ab";
    while (part.size() < 1'000) part += "abb";
    bool failed = true;
    for (long at = 0; failed; ++at) {
        const std::unique_ptr<ctxpack::Counter> counter = encoding->counter({}, {});
        counter->append(head);
        failed = false;
        left = at;
        try {
            counter->append(part);
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        left = kNever;
        counter->append("b");
        const bool whole = counter->count() == encoding->count(head + part + "b");
        require(whole || (failed && counter->count() == encoding->count(head + "b")), "grew otherwise", at);
    }
}

void check(const Make& make, const std::string& text) {
    for (const bool is_new : {true, false}) {
        for (const bool encodes : {false, true}) check_failures(make, text, is_new, encodes);
    }
    check_growth(make);
    check_held(make);
}

// Every allocation fails once while an index takes a text in. The text is not there then, and the next one is.
void check_index() {
    namespace lines = ctxpack::lines;
    std::string text, other;
    for (int i = 0; i < 300; ++i) {
        text += "line " + std::to_string(i) + "\n";
        other += "other " + std::to_string(i) + "\n";
    }
    const lines::List first = lines::list("first\nlines\n"), failing = lines::list(text), next = lines::list(other);
    bool failed = true;
    for (long at = 0; failed; ++at) {
        lines::Index index;
        index.add(first);
        failed = false;
        left = at;
        try {
            index.add(failing);
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        left = kNever;
        if (!failed) break;
        require(index.runs(failing, 1, 1, 1, 1'000).empty(), "a text that was not taken in is found", at);
        index.add(next);
        const std::vector<lines::Run> runs = index.runs(next, 1, 1, 1, 1'000);
        require(runs.size() == 1 && runs[0].length == next.size() && runs[0].place == 1, "another is not found", at);
        require(index.runs(failing, 1, 1, 1, 1'000).empty(), "a text that was not taken in is found later", at);
        require(index.runs(first, 1, 1, 1, 1'000).size() == 1, "an older text is lost", at);
    }
}

sentencepiece::Model model(sentencepiece::ModelType type) {
    sentencepiece::Model model;
    model.type = type;
    model.add_bytes();
    for (const char* piece :
         {"a", "b", "c", "ab", "ba", "bb", "bbb", "cab", "\u2581", "\u2581a", "\u4e2d", "\u4e2d\u4e00"}) {
        model.add(piece, -static_cast<float>(model.pieces.size() % 7), sentencepiece::PieceType::normal);
    }
    return model;
}

// Every allocation fails once while the pieces of a unigram model are laid out by characters: text is then counted
// without, and no call fails.
void check_characters() {
    model(sentencepiece::ModelType::unigram).with_data([](const sentencepiece::ModelData& data) {
        const sentencepiece::Pieces pieces(data);
        for (long at = 0, spare = 0; spare == 0; ++at) {
            const sentencepiece::Scores scores(pieces);
            scores.characters(std::size_t{1} << 20);
            left = at;
            const sentencepiece::CharacterTrie* const made = scores.characters(1);
            spare = left;
            left = kNever;
            require(made != nullptr || spare == 0, "none is made", at);
            require(made == scores.characters(1), "another is made later", at);
        }
    });
}

// That is done for much text only, however many texts it is.
void check_short_texts() {
    const auto encoding = model(sentencepiece::ModelType::unigram).encoding();
    encoding.count("\u4e2d");
    const std::size_t before = held;
    for (int i = 0; i < 1'000; ++i) encoding.count("\u4e2d");
    require(held < before + (std::size_t{1} << 17), "characters are laid out for short texts", 0);
}

}  // namespace

int main() {
    check_index();
    check_characters();
    check_short_texts();
    std::mt19937 random(20261126);
    const std::vector<std::uint8_t> bytes = tests::single_bytes();
    std::vector<std::uint8_t> pairs = tests::learnt(random, 20);
    add_doublings(pairs);
    const VocabularyData data{bytes, pairs, {}, {}, {}};
    const std::vector<IdRun> same = {{0, 0}};
    const std::string text = text_of(random) + std::string(100, 'x');
    const auto make = [&](const ctxpack::Normalize& normalize) {
        return std::make_unique<Encoding>(data, same, std::span<const ctxpack::Special>(), Pattern::o200k, Split(),
                                          normalize);
    };
    check([&] { return make({}); }, text);
    check_growth([&] { return make([](std::string_view lines) { return std::string(lines); }); });
    for (const auto type : {sentencepiece::ModelType::bpe, sentencepiece::ModelType::unigram}) {
        const auto make = [](const sentencepiece::ModelData& model) {
            return std::make_unique<sentencepiece::Encoding>(model);
        };
        check([&] { return model(type).with_data(make); }, text);
    }
}
