// Fuzzes vocabularies and texts together. The input is read as a vocabulary (bytes, merges, other tokens, ids, special
// tokens, a pattern) and a text; what is no vocabulary must be refused, and what is one must count a text alike in
// every way that there is to count it, at every level that this processor can run. Run by tools/fuzz.py.
#include <numeric>
#include <set>
#include <stdexcept>

#include "bpe/encoding.hpp"
#include "fuzz_input.hpp"
#include "levels.hpp"
#include "part_checks.hpp"
#include "require.hpp"
#include "unicode/utf8.hpp"

namespace {

using namespace ctxpack::bpe;
using ctxpack::TokenId;
using ctxpack::tests::Input;
using ctxpack::tests::require;

struct Parts {
    std::string bytes, pairs;
    std::vector<std::string> texts;
    std::vector<std::string_view> wholes, spares;
    std::vector<RankRange> hasty;
    std::vector<IdRun> runs;
    std::vector<ctxpack::Special> specials;
    Pattern pattern;

    VocabularyData data() const {
        const auto view = [](const std::string& data) {
            return std::span(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
        };
        return {view(bytes), view(pairs), wholes, spares, hasty};
    }
};

// Mostly those of bytes that UTF-8 never has.
std::set<TokenId> ranks_without_ids(const Parts& parts, Input& input) {
    std::set<TokenId> ranks;
    for (unsigned left = input.byte() & 15; left > 0; --left) {
        const unsigned byte = input.byte();
        const char lacking = static_cast<char>(byte < 2 ? 0xC0 + byte : byte == 255 ? input.byte() : 0xF5 + byte % 11);
        const auto rank = parts.bytes.find(lacking);
        if (rank != std::string::npos) ranks.insert(static_cast<TokenId>(rank));
    }
    return ranks;
}

// Ids that go up with the ranks from the first one on, but for the ranks that have none.
std::vector<IdRun> runs_of(TokenId first, const std::set<TokenId>& without) {
    std::vector<IdRun> runs{{0, first}};
    for (const TokenId rank : without) {
        if (runs.back().rank == rank) runs.pop_back();
        runs.push_back({rank, ctxpack::kNoToken});
        runs.push_back({rank + 1, first + rank + 1});
    }
    return runs;
}

Parts parts_of(Input& input) {
    Parts parts;
    const unsigned flags = input.byte();
    parts.pattern = static_cast<Pattern>(flags % static_cast<unsigned>(Pattern::external));
    for (unsigned byte = 0; byte < 256; ++byte) parts.bytes += static_cast<char>(flags & 16 ? 255 - byte : byte);
    if (flags & 32) parts.bytes[input.byte()] = static_cast<char>(input.byte());
    const unsigned merges = input.byte();
    for (unsigned merge = 0; merge < merges; ++merge) {
        for (int half = 0; half < 2; ++half) {
            const unsigned shape = input.byte();
            // Mostly a byte or a token that is there already.
            const unsigned rank = shape & 1 && merge ? 256 + input.byte() % (merge + (shape == 255)) : input.byte();
            parts.pairs += {static_cast<char>(rank), static_cast<char>(rank >> 8), 0};
        }
    }
    if (flags & 64) parts.pairs += static_cast<char>(input.byte());
    const unsigned others = input.byte() & 15;
    for (unsigned other = 0; other < others; ++other) parts.texts.push_back(input.take(input.byte() & 15));
    for (unsigned other = 0; other < others; ++other) {
        const unsigned kind = input.byte() % 3;
        if (kind == 2) parts.specials.push_back({256u + merges + others + input.byte(), parts.texts[other]});
        else (kind ? parts.wholes : parts.spares).push_back(parts.texts[other]);
    }
    const TokenId first = flags & 128 ? 1000 : 0;
    parts.runs = runs_of(first, ranks_without_ids(parts, input));
    if (input.byte() & 1) parts.runs.push_back({parts.runs.back().rank + input.byte(), input.byte()});
    return parts;
}

// `ctxpack vocab` refuses two tokens of the same bytes, other loaders do not: which of them a text becomes is not said.
bool has_twins(const VocabularyData& data) {
    const Vocabulary vocabulary(data);
    std::set<std::string_view> texts;
    for (TokenId rank = 0; rank < vocabulary.size(); ++rank) {
        texts.emplace(reinterpret_cast<const char*>(vocabulary.text(rank)), vocabulary.length(rank));
    }
    return texts.size() < vocabulary.size();
}

void check(const Encoding& encoding, std::string_view text) {
    const auto ids = encoding.encode(text);
    const std::size_t total = encoding.count(text);
    require(total == ids.size(), "ids and count differ", text);
    require(encoding.encode(text) == ids, "the second time differs", text);
    require(encoding.decode(ids) == text, "spelling differs", text);
    const auto counts = encoding.count_pretokens(text);
    require(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == total, "counts of pretokens differ", text);
    std::vector<ctxpack::SpecialNumber> specials(encoding.specials().all().size());
    std::iota(specials.begin(), specials.end(), 0);
    require(encoding.count(text, specials) == encoding.encode(text, specials).size(), "counts with specials differ",
            text);
    const bool has_alias = encoding.specials().texts().size() < specials.size();
    require(has_alias || encoding.decode(encoding.encode(text, specials)) == text, "spelling with specials differs",
            text);
    require(ctxpack::tests::parts_hold(encoding, text), "parts differ", text);
    require(ctxpack::tests::parts_hold(encoding, text, specials), "parts with specials differ", text);
    require(ctxpack::tests::repeats_hold(encoding, text, 15'000), "repeats differ", text);
}

// Every token is found by its bytes and has them, and one without an id is not found.
void check_ids(const Parts& parts, const Encoding& encoding) {
    const Vocabulary vocabulary(parts.data());
    const Ids ids(parts.runs, vocabulary.size());
    for (TokenId rank = 0; rank < vocabulary.size(); ++rank) {
        const std::string text(reinterpret_cast<const char*>(vocabulary.text(rank)), vocabulary.length(rank));
        const TokenId id = ids.id(rank);
        require(id == ctxpack::kNoToken || id < encoding.n_vocab(), "an id is past the last", text);
        require(id == ctxpack::kNoToken || encoding.text(id) == text, "a token has other bytes", text);
        const bool special = encoding.specials().ids().contains(text);
        require(special || encoding.token(text) == id, "a token's bytes have another id", text);
    }
}

// Whether every token that a merge makes is what its bytes merge into. Loaders make no others, and where there are
// some, pretokens that are cut become other tokens.
bool is_sound(const Parts& parts) {
    const Encoding encoding(parts.data(), parts.runs, parts.specials, parts.pattern);
    const Vocabulary vocabulary(parts.data());
    const Ids ids(parts.runs, vocabulary.size());
    for (TokenId rank = 0; rank < vocabulary.merged(); ++rank) {
        const TokenId id = ids.id(rank);
        if (id != ctxpack::kNoToken && encoding.merge(encoding.text(id)) != std::vector{id}) return false;
    }
    return true;
}

void check_spelling(const Parts& parts, std::string_view text) {
    for (const ctxpack::cpu::Level level : ctxpack::tests::levels()) {
        ctxpack::cpu::chosen_level = level;
        const Encoding encoding(parts.data(), parts.runs, parts.specials, parts.pattern);
        encoding.count(text);
        require(encoding.decode(encoding.encode(text)) == text, "spelling differs", text);
    }
}

void check(const Parts& parts, std::string_view text) {
    std::vector<TokenId> expected;
    for (const ctxpack::cpu::Level level : ctxpack::tests::levels()) {
        ctxpack::cpu::chosen_level = level;
        const Encoding encoding(parts.data(), parts.runs, parts.specials, parts.pattern);
        if (level == ctxpack::cpu::Level::portable) expected = encoding.encode(text);
        require(encoding.encode(text) == expected, "another level differs", text);
        check(encoding, text);
        check_ids(parts, encoding);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const Parts parts = parts_of(input);
    const std::string text = input.rest();
    if (!ctxpack::unicode::is_valid(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())) return -1;
    try {
        has_twins(parts.data()) || !is_sound(parts) ? check_spelling(parts, text) : check(parts, text);
    } catch (const std::invalid_argument&) {
    }
    return 0;
}
