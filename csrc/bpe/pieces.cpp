#include "bpe/pieces.hpp"

#include <ranges>

#include "bpe/in_blocks.hpp"

namespace ctxpack::bpe {
namespace {

// Slots of the tables, as powers of two: how many they start with, how many they grow to.
constexpr unsigned kMostBriefBits = 19;
constexpr unsigned kMediumBits = 16, kMostMediumBits = 19;
constexpr unsigned kWideBits = 14, kMostWideBits = 17;

// Slots for all tokens of a vocabulary, enough that few sets are filled by tokens alone.
unsigned bits_for(std::size_t tokens) { return static_cast<unsigned>(std::bit_width(tokens * 5 / 2)); }

PieceTable<16> brief_for(std::size_t tokens) { return {bits_for(tokens), std::max(bits_for(tokens), kMostBriefBits)}; }

template <std::size_t Width>
constexpr std::size_t longest(const PieceTable<Width>&) {
    return PieceKey<Width>::kLongest;
}

// The tokens among these that the table's keys do not hold.
template <std::size_t Width, class Ranks>
std::vector<TokenId> longer_than(const PieceTable<Width>& table, const Vocabulary& vocabulary, const Ranks& ranks) {
    std::vector<TokenId> longer;
    for (const TokenId rank : ranks) {
        if (vocabulary.length(rank) > longest(table)) longer.push_back(rank);
    }
    return longer;
}

// Calls act(rank, key, hash) for each of the tokens that the table's keys hold, after prefetch(home) of its home slot.
template <std::size_t Width, class Ranks, class Prefetch, class Act>
void each_token(const PieceTable<Width>& table, const Vocabulary& vocabulary, const Ranks& ranks, Prefetch prefetch,
                Act act) {
    static_assert(Width <= Vocabulary::kRoom);
    struct Prepared {
        PieceKey<Width> key;
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
std::vector<TokenId> each_table(Pieces& pieces, const Vocabulary& vocabulary, Visit visit) {
    const auto all = std::views::iota(TokenId{0}, static_cast<TokenId>(vocabulary.pretokens()));
    visit(pieces.brief, all);
    const std::vector<TokenId> medium = longer_than(pieces.brief, vocabulary, all);
    visit(pieces.medium, medium);
    const std::vector<TokenId> wide = longer_than(pieces.medium, vocabulary, medium);
    visit(pieces.wide, wide);
    return longer_than(pieces.wide, vocabulary, wide);
}

TokenId only(const PieceTokens& tokens) { return tokens.count == 1 ? *tokens.ids : kNoToken; }

template <std::size_t Width>
TokenId token_in(const PieceTable<Width>& table, Bytes p, std::size_t size, Bytes end) {
    const auto key = piece_key<Width>(p, size, end);
    return only(table.find(key, hash_of(key)));
}

}  // namespace

Pieces::Pieces(const Vocabulary& vocabulary, const Ids& ids)
    : brief(brief_for(vocabulary.pretokens())),
      medium(kMediumBits, kMostMediumBits),
      wide(kWideBits, kMostWideBits, Pages::small) {  // less than a large page
    const auto add = [&]<std::size_t Width>(PieceTable<Width>& table, const auto& ranks) {
        each_token(
            table, vocabulary, ranks, [&](std::size_t home) { table.prefetch_slot(home); },
            [&](TokenId, const auto& key, std::uint64_t hash) { table.add_token(key, hash); });
    };
    for (const TokenId rank : each_table(*this, vocabulary, add))
        longer.add_token(view(vocabulary.text(rank), vocabulary.length(rank)), ids.id(rank));
}

void Pieces::want_ids(const Vocabulary& vocabulary, const Ids& ids) {
    if (wide.has_ids()) return;  // the last
    const auto set = [&]<std::size_t Width>(PieceTable<Width>& table, const auto& ranks) {
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

TokenId Pieces::token(Bytes p, std::size_t size, Bytes end) const {
    if (size <= longest(brief)) return token_in(brief, p, size, end);
    if (size <= longest(medium)) return token_in(medium, p, size, end);
    if (size <= longest(wide)) return token_in(wide, p, size, end);
    return only(longer.find(view(p, size), LongPieces::hash(view(p, size))));
}

}  // namespace ctxpack::bpe
