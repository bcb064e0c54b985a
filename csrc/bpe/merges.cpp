#include "bpe/merges.hpp"

#include <cstring>

#include "bpe/blocks.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

namespace {

// Reads eight bytes at a time, also past the end: the text has room.
bool is_ascii(Bytes p, std::size_t size) {
    std::uint64_t word = 0, bits = 0;
    for (; size > 8; p += 8, size -= 8) {
        std::memcpy(&word, p, 8);
        bits |= word;
    }
    std::memcpy(&word, p, 8);
    bits |= word << 8 * (8 - size);
    return (bits & 0x8080808080808080) == 0;
}

}  // namespace

Merges::Merges(const Vocabulary& vocabulary, const VocabularyData& data)
    : pairs_(vocabulary.merged()),
      byte_pairs_(1 << 14, kNoToken),
      characters_(kPoints, kNoToken),
      straddle_(std::make_unique<StraddleFilter>()),
      hasty_(data.hasty.begin(), data.hasty.end()) {
    index_pairs(vocabulary, data);
    index_texts(vocabulary);
}

void Merges::index_pairs(const Vocabulary& vocabulary, const VocabularyData& data) {
    const auto fetch = [&](std::size_t i) {
        const auto [left, right] = halves(data, Vocabulary::kBytes + i);
        return pairs_.prefetched(pairs_.query(left, right));
    };
    in_blocks(vocabulary.merged() - Vocabulary::kBytes, fetch, [&](std::size_t i, const PairTable::Query& query) {
        pairs_.insert(query, static_cast<TokenId>(Vocabulary::kBytes + i));
    });
}

void Merges::index_texts(const Vocabulary& vocabulary) {
    for (std::uint8_t byte = 0; byte < 0x80; ++byte) characters_[byte] = vocabulary.byte_id(byte);
    for (TokenId id = 0; id < vocabulary.merged(); ++id) {
        const Bytes text = vocabulary.text(id);
        const std::size_t length = vocabulary.length(id);
        if (is_ascii(text, length)) {
            if (length == 2) byte_pairs_[text[0] << 7 | text[1]] = id;
            continue;
        }
        unicode::is_valid(text, length) ? index_character(id, text, length) : index_straddling(text, text + length);
    }
}

void Merges::index_character(TokenId id, Bytes text, std::size_t length) {
    const unicode::Character character = unicode::decode(text);
    if (character.length == length && character.point < kPoints) characters_[character.point] = id;
}

void Merges::index_straddling(Bytes begin, Bytes end) {
    for (Bytes middle = begin + 1; middle < end; ++middle) {
        if (!unicode::is_continuation(*middle)) straddle_->add(middle, end);
    }
}

}  // namespace ctxpack::bpe
