#include "bpe/pieces.hpp"

#include "bpe/blocks.hpp"

namespace ctxpack::bpe {
namespace {

// Slots of the tables, as powers of two: how many they start with, how many they grow to.
constexpr unsigned kMediumBits = 16, kMostMediumBits = 19;
constexpr unsigned kWideBits = 12, kMostWideBits = 17;

// Slots for all tokens of a vocabulary, so many that few sets are filled by tokens alone.
unsigned bits_for(std::size_t tokens) { return static_cast<unsigned>(std::bit_width(tokens * 5 / 2)); }

std::string_view view(const Pieces::Wanted& wanted) {
    return {reinterpret_cast<const char*>(wanted.text), wanted.size};
}

// Calls `use` with the table for pieces of that size, unless they are too long for any.
template <class Owner, class Use>
bool with_table(Owner& owner, std::size_t size, Use use) {
    if (size <= PieceKey<16>::kLongest) return use(owner.brief), true;
    if (size <= PieceKey<32>::kLongest) return use(owner.medium), true;
    if (size <= PieceKey<64>::kLongest) return use(owner.wide), true;
    return false;
}

template <std::size_t Width>
PieceKey<Width> key_in(const PieceTable<Width>&, const Pieces::Wanted& wanted) {
    return roomy_key<Width>(wanted.text, wanted.size);
}

}  // namespace

Pieces::Pieces(const Vocabulary& vocabulary)
    : brief(bits_for(vocabulary.size()), bits_for(vocabulary.size())),
      medium(kMediumBits, kMostMediumBits),
      wide(kWideBits, kMostWideBits) {
    const auto token = [](std::size_t id) { return static_cast<TokenId>(id); };
    in_blocks(
        vocabulary.size(),
        [&](std::size_t id) { return prefetched(vocabulary.text(token(id)), vocabulary.length(token(id))); },
        [&](std::size_t id, const Wanted& wanted) { add(wanted, token(id)); });
}

Pieces::Wanted Pieces::prefetched(Bytes text, std::size_t size) const {
    Wanted wanted{text, size, 0};
    with_table(*this, size, [&](const auto& table) {
        wanted.hash = hash_of(key_in(table, wanted));
        table.prefetch_home(wanted.hash);
        table.prefetch_id(wanted.hash);
    });
    return wanted;
}

TokenId Pieces::token(const Wanted& wanted) const {
    PieceTokens tokens;
    if (with_table(*this, wanted.size,
                   [&](const auto& table) { tokens = table.find(key_in(table, wanted), wanted.hash); })) {
        return tokens.count == 1 ? *tokens.ids : kNoToken;
    }
    const auto found = longer.find(view(wanted));
    return found == longer.end() ? kNoToken : found->second;
}

void Pieces::add(const Wanted& wanted, TokenId id) {
    if (!with_table(*this, wanted.size,
                    [&](auto& table) { table.add_token(key_in(table, wanted), wanted.hash, id); })) {
        longer.emplace(view(wanted), id);
    }
}

}  // namespace ctxpack::bpe
