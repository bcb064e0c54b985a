#include "bpe/pretoken_tables.hpp"

#include <ranges>

#include "bpe/in_blocks.hpp"

namespace ctxpack::bpe {
namespace {

template <std::size_t Width>
constexpr std::size_t longest(const PretokenTable<Width>&) {
    return TextKey<Width>::kLongest;
}

// How many of the tokens that a pretoken may be have so many bytes.
std::size_t count_tokens(const Vocabulary& vocabulary, std::size_t shortest, std::size_t longest) {
    std::size_t count = 0;
    for (TokenId rank = 0; rank < vocabulary.pretokens(); ++rank) {
        count += vocabulary.length(rank) - shortest <= longest - shortest;
    }
    return count;
}

// Starts with 2^bits slots at least and grows to 2^most; has more where so many tokens go into it that they alone would
// fill more than a few sets.
template <std::size_t Width>
PretokenTable<Width> table_for(std::size_t tokens, unsigned bits, unsigned most, Pages pages = Pages::large) {
    const auto needed = static_cast<unsigned>(std::bit_width(tokens * 5 / 2));
    return {std::max(bits, needed), std::max(most, needed), pages};
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
    : table16(table_for<16>(vocabulary.pretokens(), 0, 19)),
      table32(table_for<32>(count_tokens(vocabulary, TextKey<16>::kLongest + 1, TextKey<32>::kLongest), 16, 19)),
      table64(table_for<64>(count_tokens(vocabulary, TextKey<32>::kLongest + 1, TextKey<64>::kLongest), 14, 17,
                            Pages::small)) {  // mostly less than a large page
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
