// Compares what a scan finds, at every level that this processor can run, with each pretoken looked up and merged by
// itself, for made-up vocabularies. Past the end of a text nothing can be read.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>

#include "bpe/encoding.hpp"
#include "guarded.hpp"
#include "levels.hpp"
#include "made_up_merges.hpp"
#include "require.hpp"
#include "unicode/characters.hpp"

namespace {

namespace cpu = ctxpack::cpu;
namespace tests = ctxpack::tests;
namespace unicode = ctxpack::unicode;
using namespace ctxpack::bpe;
using ctxpack::TokenId;
using tests::drawn;
using tests::require;

constexpr unsigned kPatterns = static_cast<unsigned>(Pattern::external);

const std::string kLongToken(70, 'b');
// Of eight bytes and of nine: as keys of recent tokens, nearest to none and to what is too long for one.
const std::string kZeros(8, '\0'), kMoreZeros(9, '\0');

struct Made {
    Encoding encoding;
    std::map<std::string_view, TokenId> tokens;

    Made(const VocabularyData& data, Pattern pattern, std::span<const IdRun> runs) : encoding(data, runs, {}, pattern) {
        for (TokenId id = 0; id < encoding.n_vocab(); ++id) tokens.emplace(encoding.text(id), id);
    }
    std::vector<TokenId> tokens_of(std::string_view pretoken) const {
        const auto token = tokens.find(pretoken);
        return token == tokens.end() ? encoding.merge(pretoken) : std::vector{token->second};
    }
    // How many tokens are not what their bytes merge into.
    std::size_t unmade() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            tokens, [&](const auto& token) { return encoding.merge(token.first) != std::vector{token.second}; }));
    }
};

bool has_no_inner_blank(const std::string& token) {
    for (std::size_t at = 1; at < token.size(); ++at) {
        if (token[at] == ' ' && static_cast<unsigned char>(token[at - 1]) < 0x80) return false;
    }
    return true;
}

void check(const Made& made, const std::string& text) {
    static tests::Guarded guarded;
    const std::string_view view(guarded.copy(std::span(text)), text.size());
    std::vector<TokenId> ids;
    std::vector<std::uint32_t> counts;
    std::size_t begin = 0;
    for (const std::uint32_t end : made.encoding.split(view)) {
        const auto tokens = made.tokens_of(view.substr(begin, end - begin));
        counts.push_back(static_cast<std::uint32_t>(tokens.size()));
        ids.insert(ids.end(), tokens.begin(), tokens.end());
        begin = end;
    }
    require(begin == text.size(), "the pretokens end elsewhere", text);
    // As it is met first, and as it is remembered.
    for (int time = 0; time < 2; ++time) {
        require(made.encoding.count_pretokens(view) == counts, "pretokens are counted otherwise", text);
        require(made.encoding.encode(view) == ids, "encoded otherwise", text);
        require(made.encoding.count(view) == ids.size(), "counted otherwise", text);
    }
}

// Words of which some come again and again, of at most `longest` parts.
std::string words(std::mt19937& random, std::size_t size, std::size_t longest) {
    std::vector<std::string> known;
    std::string text;
    for (; size > 0; --size) {
        if (known.empty() || random() % 3) {
            std::string word = drawn(random, 1 + random() % longest);
            std::erase(word, random() % 8 ? ' ' : '=');
            known.push_back(word);
        }
        text += known[random() % known.size()];
        if (random() % 4) text += random() % 2 ? " " : "\n";
    }
    return text;
}

// Short texts end in every way; the longer ones have more unknown pretokens than wait.
void check_drawn(std::mt19937& random, const Made& made) {
    for (std::size_t size : {0, 1, 2, 3, 5, 8, 20, 60}) {
        const std::string text = words(random, size, 12);
        for (std::size_t end = text.size(), left = 8; left > 0; --left) {
            check(made, text.substr(0, end));
            end = end == 0 ? 0 : unicode::floor_boundary(text, end - 1);
        }
    }
    for (const std::size_t longest : {4, 9, 24}) check(made, words(random, 900, longest));
    check(made, words(random, 60, 400));
}

// One unknown pretoken, more often than pretokens may wait.
void check_repeated(const Made& made) {
    std::string text;
    for (int i = 0; i < 600; ++i) text += i % 150 ? " cabacab" : "\u4e00\u00e9";
    check(made, text);
}

// Runs of blanks of every length up to more than a window has, after and before all that may stand there.
void check_blanks(std::mt19937& random, const Made& made) {
    const std::vector<std::string> others = {"a", "bc", "\n", "\n\n", "\t", "=", "\u00a0", "\u4e00", "\u00e9"};
    std::string text;
    for (int i = 0; i < 600; ++i)
        text += std::string(random() % (i % 40 ? 9 : 150), ' ') + others[random() % others.size()];
    check(made, text);
    check(made, std::string(200, ' '));
}

// More bytes that are pretokens, and so tokens, in a row than are copied at once.
void check_known(std::mt19937& random, const Made& made) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += {"abc"[random() % 3], "\n\t"[random() % 2]};
    check(made, text);
    check(made, kLongToken + "\n" + kLongToken);
    for (const int size : {300, 700, 1500, 4000}) {
        text.clear();
        for (int i = 0; i < size; ++i) text += "zq\n";
        check(made, text);
    }
}

// Pretokens of every length about that of the keys, which differ in nothing but their length or last byte: none is
// taken for another.
void check_alike(const Made& made) {
    std::string text;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t size = 1; size <= 18; ++size) {
            for (const char last : {'\0', '\1', '\7', '\x7F', '='}) text += std::string(size - 1, '\0') + last + "q";
            for (const char last : {'\0', '\1', '\7', '\x7F', '='})
                text += std::string(size - 1, '=') + last + "\u00e9";
        }
    }
    check(made, text);
}

// More long pretokens than are remembered, and more tokens than scratch space is kept for.
void check_long(std::mt19937& random, const Made& made) {
    std::string text;
    while (text.size() < (std::size_t{5} << 18)) {
        for (std::size_t left = 70 + random() % 1000; left > 0; --left) text += "abc"[random() % 3];
        text += ' ';
    }
    check(made, text);
    check(made, words(random, 100, 30));
}

void check_limit(const Made& made) {
    try {
        made.encoding.split(std::string_view("", std::size_t{1} << 32));
    } catch (const std::invalid_argument&) {
        return;
    }
    tests::fail("more was split than places can number");
}

// Some with haste, some with tokens that no merge makes, some without blanks inside tokens. Of the others each is what
// its bytes merge into, as in files; haste may leave some that are not.
std::unique_ptr<Made> drawn_vocabulary(std::mt19937& random, unsigned i) {
    const std::vector<std::string_view> wholes = {"abcabcabcabcabcabcabcabc=", kLongToken, kZeros, kMoreZeros,
                                                  "\u4e00\u4e00\u4e2d\u4e2d\u4e00"};
    const std::span<const std::string_view> some = i % 2 ? std::span<const std::string_view>() : wholes;
    const std::vector<std::uint8_t> bytes = tests::single_bytes();
    const std::vector<std::uint8_t> pairs =
        i < kPatterns ? tests::learnt(random, 1 + random() % 300) : tests::learnt(random, 300, has_no_inner_blank);
    const std::vector<RankRange> hasty = tests::hasty_of(pairs);
    const VocabularyData data{bytes, pairs, some, {}, i % 3 ? std::span<const RankRange>() : hasty};
    const auto tokens = static_cast<TokenId>(bytes.size() + pairs.size() / 6 + some.size());
    const std::vector<IdRun> same = {{0, 0}}, swapped = {{0, tokens - 200}, {200, 0}},
                             later = {{0, 0}, {100, 200}, {tokens - 100, 100}};
    auto made = std::make_unique<Made>(data, static_cast<Pattern>(i % kPatterns),
                                       i % 4 == 0   ? swapped
                                       : i % 4 == 1 ? later
                                                    : same);
    const bool is_sound = made->unmade() == some.size();
    return is_sound ? std::move(made) : drawn_vocabulary(random, i);
}

}  // namespace

int main() {
    for (const cpu::Level level : tests::levels()) {
        cpu::chosen_level = level;
        std::fprintf(stderr, "level %d\n", static_cast<int>(level));
        std::mt19937 random(20261126);
        for (unsigned i = 0; i < 2 * kPatterns; ++i) {
            const auto made = drawn_vocabulary(random, i);
            check_drawn(random, *made);
            check_repeated(*made);
            check_known(random, *made);
            check_blanks(random, *made);
            check_alike(*made);
            if (i == 0) check_long(random, *made);
            check_limit(*made);
        }
    }
    std::puts("scanned alike");
}
