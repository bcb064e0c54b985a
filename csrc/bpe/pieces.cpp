#include "bpe/pieces.hpp"

#include "bpe/in_blocks.hpp"

namespace ctxpack::bpe {
namespace {

// Slots of the tables, as powers of two: how many they start with, how many they grow to.
constexpr unsigned kMostBriefBits = 19;
constexpr unsigned kMediumBits = 16, kMostMediumBits = 19;
constexpr unsigned kWideBits = 14, kMostWideBits = 17;

// Slots for all tokens of a vocabulary, so many that few sets are filled by tokens alone.
unsigned bits_for(std::size_t tokens) { return static_cast<unsigned>(std::bit_width(tokens * 5 / 2)); }

PieceTable<16> brief_for(std::size_t tokens) { return {bits_for(tokens), std::max(bits_for(tokens), kMostBriefBits)}; }

template <std::size_t Width>
constexpr std::size_t longest(const PieceTable<Width>&) {
    return PieceKey<Width>::kLongest;
}

// Adds the tokens longer than `shorter` that the table's keys hold.
template <std::size_t Width>
void add_tokens(PieceTable<Width>& table, const Vocabulary& vocabulary, const Ids& ids, std::size_t shorter) {
    static_assert(Width <= Vocabulary::kRoom);
    struct Prepared {
        PieceKey<Width> key;
        std::uint64_t hash;
        bool fits;
    };
    const auto prepare = [&](std::size_t at) {
        const auto rank = static_cast<TokenId>(at);
        const std::size_t size = vocabulary.length(rank);
        if (size <= shorter || size > longest(table)) return Prepared{};
        const auto key = roomy_key<Width>(vocabulary.text(rank), size);
        const std::uint64_t hash = hash_of(key);
        table.prefetch_home(hash);
        table.prefetch_pair(table.home(hash));
        return Prepared{key, hash, true};
    };
    in_blocks(vocabulary.pretokens(), prepare, [&](std::size_t at, const Prepared& token) {
        if (token.fits) table.add_token(token.key, token.hash, ids.id(static_cast<TokenId>(at)));
    });
}

TokenId only(const PieceTokens& tokens) { return tokens.count == 1 ? *tokens.ids : kNoToken; }

template <std::size_t Width>
TokenId token_in(const PieceTable<Width>& table, Bytes p, std::size_t size, Bytes end) {
    const auto key = piece_key<Width>(p, size, end);
    return only(table.find(key, hash_of(key)));
}

}  // namespace

Pieces::Pieces(const Vocabulary& vocabulary, const Ids& ids)
    : brief(brief_for(vocabulary.pretokens())), medium(kMediumBits, kMostMediumBits), wide(kWideBits, kMostWideBits) {
    add_tokens(brief, vocabulary, ids, 0);
    add_tokens(medium, vocabulary, ids, longest(brief));
    add_tokens(wide, vocabulary, ids, longest(medium));
    for (TokenId rank = 0; rank < vocabulary.pretokens(); ++rank) {
        const std::size_t size = vocabulary.length(rank);
        if (size > longest(wide)) longer.add_token(view(vocabulary.text(rank), size), ids.id(rank));
    }
}

TokenId Pieces::token(Bytes p, std::size_t size, Bytes end) const {
    if (size <= longest(brief)) return token_in(brief, p, size, end);
    if (size <= longest(medium)) return token_in(medium, p, size, end);
    if (size <= longest(wide)) return token_in(wide, p, size, end);
    return only(longer.find(view(p, size), LongPieces::hash(view(p, size))));
}

}  // namespace ctxpack::bpe
