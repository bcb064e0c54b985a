#include "bpe/merges.hpp"

#include <algorithm>
#include <stdexcept>

#include "bpe/blocks.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

Merges::Merges(const Vocabulary& vocabulary, const Pieces& pieces, Bytes left_halves)
    : pairs_(vocabulary.size()),
      byte_pairs_(1 << 16, kNoToken),
      characters_(kPoints, kNoToken),
      straddle_(std::make_unique<StraddleFilter>()) {
    index_pairs(vocabulary, pieces, left_halves);
    index_texts(vocabulary);
}

void Merges::index_pairs(const Vocabulary& vocabulary, const Pieces& pieces, Bytes left_halves) {
    struct Halves {
        Pieces::Wanted left, right;
    };
    std::vector<PairTable::Query> queries(vocabulary.size());
    const auto cut = [&](std::size_t at) {
        const auto id = static_cast<TokenId>(at);
        const std::size_t left = left_halves[id], length = vocabulary.length(id);
        if (length == 1) return Halves{};
        if (left == 0 || left >= length) throw std::invalid_argument("a token is no merge of two others");
        return Halves{pieces.prefetched(vocabulary.text(id), left),
                      pieces.prefetched(vocabulary.text(id) + left, length - left)};
    };
    in_blocks(vocabulary.size(), cut, [&](std::size_t id, const Halves& halves) {
        if (halves.left.size == 0) return;
        const TokenId left = pieces.token(halves.left), right = pieces.token(halves.right);
        if (left >= id || right >= id) throw std::invalid_argument("a token is no merge of two older ones");
        queries[id] = pairs_.query(left, right);
    });
    const auto fetch = [&](std::size_t id) { return pairs_.prefetched(queries[id]); };
    in_blocks(vocabulary.size(), fetch, [&](std::size_t id, const PairTable::Query& query) {
        if (vocabulary.length(static_cast<TokenId>(id)) > 1) pairs_.insert(query, static_cast<TokenId>(id));
    });
}

void Merges::index_texts(const Vocabulary& vocabulary) {
    for (std::uint8_t byte = 0; byte < 0x80; ++byte) characters_[byte] = vocabulary.byte_id(byte);
    for (TokenId id = 0; id < vocabulary.size(); ++id) {
        const Bytes text = vocabulary.text(id);
        const std::size_t length = vocabulary.length(id);
        if (length == 2) byte_pairs_[text[0] << 8 | text[1]] = id;
        if (std::all_of(text, text + length, [](std::uint8_t byte) { return byte < 0x80; })) continue;
        unicode::is_valid(text, length) ? index_character(id, text, length) : index_straddling(text, text + length);
    }
}

void Merges::index_character(TokenId id, Bytes text, std::size_t length) {
    const unicode::Character character = unicode::decode(text);
    if (character.length == length && character.point < kPoints) characters_[character.point] = id;
}

void Merges::index_straddling(Bytes begin, Bytes end) {
    for (Bytes middle = begin + 1; middle < end; ++middle) {
        if (!unicode::is_continuation(*middle)) straddle_->add(begin, middle, end);
    }
}

}  // namespace ctxpack::bpe
