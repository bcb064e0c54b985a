#include "bpe/pretoken_tables.hpp"

#include <ranges>

#include "bpe/in_blocks.hpp"

namespace ctxpack::bpe {
namespace {

// Slots of the tables, as powers of two: how many they start with, how many they grow to.
constexpr unsigned kMostBits16 = 19;
constexpr unsigned kBits32 = 16, kMostBits32 = 19;
constexpr unsigned kBits64 = 14, kMostBits64 = 17;

// Slots for all tokens of a vocabulary, enough that few sets are filled by tokens alone.
unsigned bits_for(std::size_t tokens) { return static_cast<unsigned>(std::bit_width(tokens * 5 / 2)); }

PretokenTable<16> table16_for(std::size_t tokens) {
    return {bits_for(tokens), std::max(bits_for(tokens), kMostBits16)};
}

template <std::size_t Width>
constexpr std::size_t longest(const PretokenTable<Width>&) {
    return TextKey<Width>::kLongest;
}

// The tokens among these that the table's keys do not hold.
template <std::size_t Width, class Ranks>
std::vector<TokenId> longer_than(const PretokenTable<Width>& table, const Vocabulary& vocabulary, const Ranks& ranks) {
    std::vector<TokenId> longer;
    for (const TokenId rank : ranks) {
        if (vocabulary.length(rank) > longest(table)) longer.push_back(rank);
    }
    return longer;
}

// Calls act(rank, key, hash) for each of the tokens that the table's keys hold, after prefetch(home) of its home slot.
template <std::size_t Width, class Ranks, class Prefetch, class Act>
void each_token(const PretokenTable<Width>& table, const Vocabulary& vocabulary, const Ranks& ranks, Prefetch prefetch,
                Act act) {
    static_assert(Width <= Vocabulary::kRoom);
    struct Prepared {
        TextKey<Width> key;
        std::uint64_t hash;
        bool fits;
    };
    const auto prepare = [&](std::size_t i) {
        const std::size_t size = vocabulary.length(ranks[i]);
        if (size > longest(table)) return Prepared{};
        const auto key = roomy_key<Width>(vocabulary.text(ranks[i]), size);
        const std::uint64_t hash = hash_of(key);
        prefetch(table.home(hash));
        return Prepared{key, hash, true};
    };
    in_blocks(ranks.size(), prepare, [&](std::size_t i, const Prepared& token) {
        if (token.fits) act(ranks[i], token.key, token.hash);
    });
}

// Calls visit(table, ranks) for each table, with all tokens that are too long for the tables before it, and returns
// those that are too long for all.
template <class Visit>
std::vector<TokenId> each_table(PretokenTables& tables, const Vocabulary& vocabulary, Visit visit) {
    const auto all = std::views::iota(TokenId{0}, static_cast<TokenId>(vocabulary.pretokens()));
    visit(tables.table16, all);
    const std::vector<TokenId> longer16 = longer_than(tables.table16, vocabulary, all);
    visit(tables.table32, longer16);
    const std::vector<TokenId> longer32 = longer_than(tables.table32, vocabulary, longer16);
    visit(tables.table64, longer32);
    return longer_than(tables.table64, vocabulary, longer32);
}

TokenId only(const Tokens& tokens) { return tokens.count == 1 ? *tokens.ids : kNoToken; }

template <std::size_t Width>
TokenId token_in(const PretokenTable<Width>& table, Bytes p, std::size_t size, Bytes end) {
    const auto key = text_key<Width>(p, size, end);
    return only(table.find(key, hash_of(key)));
}

}  // namespace

PretokenTables::PretokenTables(const Vocabulary& vocabulary, const Ids& ids)
    : table16(table16_for(vocabulary.pretokens())),
      table32(kBits32, kMostBits32),
      table64(kBits64, kMostBits64, Pages::small) {  // less than a large page
    const auto add = [&]<std::size_t Width>(PretokenTable<Width>& table, const auto& ranks) {
        each_token(
            table, vocabulary, ranks, [&](std::size_t home) { table.prefetch_slot(home); },
            [&](TokenId, const auto& key, std::uint64_t hash) { table.add_token(key, hash); });
    };
    for (const TokenId rank : each_table(*this, vocabulary, add))
        long_pretokens.add_token(view(vocabulary.text(rank), vocabulary.length(rank)), ids.id(rank));
}

void PretokenTables::want_ids(const Vocabulary& vocabulary, const Ids& ids) {
    if (table64.has_ids()) return;  // the last
    const auto set = [&]<std::size_t Width>(PretokenTable<Width>& table, const auto& ranks) {
        const auto prefetch = [&](std::size_t home) {
            table.prefetch_slot(home);
            table.prefetch_pair(home);
        };
        if (table.has_ids()) return;  // memory ran out after it
        table.want_ids();
        each_token(table, vocabulary, ranks, prefetch,
                   [&](TokenId rank, const auto& key, std::uint64_t hash) { table.set_id(key, hash, ids.id(rank)); });
    };
    each_table(*this, vocabulary, set);
}

TokenId PretokenTables::token(Bytes p, std::size_t size, Bytes end) const {
    if (size <= longest(table16)) return token_in(table16, p, size, end);
    if (size <= longest(table32)) return token_in(table32, p, size, end);
    if (size <= longest(table64)) return token_in(table64, p, size, end);
    return only(long_pretokens.find(view(p, size), LongPretokens::hash(view(p, size))));
}

}  // namespace ctxpack::bpe
