#include "bpe/merges.hpp"

#include <cstring>

#include "bpe/in_blocks.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

namespace {

// Of a token of the vocabulary. Reads eight bytes at a time, also behind its end: there is room.
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

// Whether a blank stands behind ASCII.
bool has_inner_blank(Bytes text, std::size_t length) {
    for (std::size_t at = 1; at < length; ++at) {
        if (text[at] == ' ' && text[at - 1] < 0x80) return true;
    }
    return false;
}

}  // namespace

Merges::Merges(const Vocabulary& vocabulary, const VocabularyData& data)
    : pairs_(vocabulary.merged()),
      byte_pairs_(1 << 16, kNoToken),
      characters_(kPoints),
      straddle_(std::make_unique<StraddleFilter>()),
      may_cut_(vocabulary.pretokens() == vocabulary.merged()),
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
    for (std::uint8_t byte = 0; byte < 0x80; ++byte) characters_[byte].first = vocabulary.byte_id(byte);
    for (TokenId id = 0; id < vocabulary.merged(); ++id) {
        const Bytes text = vocabulary.text(id);
        const std::size_t length = vocabulary.length(id);
        if (length == 2) byte_pairs_[text[0] << 8 | text[1]] = id;
        has_inner_blanks_ = has_inner_blanks_ || has_inner_blank(text, length);
        if (is_ascii(text, length)) continue;
        if (!unicode::is_valid(text, length)) {
            index_straddling(text, text + length);
        } else {
            index_character(id, text, length);
            index_neighbours(text, text + length);
        }
    }
    index_halves(vocabulary);
    index_alone();
}

void Merges::index_character(TokenId id, Bytes text, std::size_t length) {
    const unicode::Character character = unicode::decode(text);
    if (character.length == length && character.point < kPoints) characters_[character.point].first = id;
}

// Characters of three bytes that are no token: their bytes can merge but once.
void Merges::index_halves(const Vocabulary& vocabulary) {
    for (std::uint32_t point = 0x800; point < 0x10000; ++point) {
        Character& character = characters_[point];
        if (character.first != kNoToken) continue;
        const auto lead = static_cast<std::uint8_t>(0xE0 | point >> 12);
        const auto middle = static_cast<std::uint8_t>(0x80 | (point >> 6 & 63));
        const auto last = static_cast<std::uint8_t>(0x80 | (point & 63));
        const TokenId left = merged_bytes(lead, middle), right = merged_bytes(middle, last);
        if (left < right) character = {left, vocabulary.byte_id(last)};
        if (right < left) character = {vocabulary.byte_id(lead), right};
    }
}

// Characters of three bytes that neither are tokens nor have halves are their bytes.
void Merges::index_alone() {
    for (std::uint32_t point = 0; point < Cuts::kPoints; ++point) {
        const Character& character = characters_[point];
        const unsigned bytes = point < 0x800 ? 0 : 3;
        cuts_.set_alone(point, character.first == kNoToken ? bytes : 1 + (character.second != kNoToken));
    }
}

void Merges::index_neighbours(Bytes begin, Bytes end) {
    unicode::Character left = unicode::decode(begin);
    for (Bytes p = begin + left.length; p < end; p += left.length) {
        const unicode::Character right = unicode::decode(p);
        if ((left.point | right.point) >= 0x80) cuts_.join(left.point, right.point);
        left = right;
    }
}

void Merges::index_straddling(Bytes begin, Bytes end) {
    for (Bytes middle = begin + 1; middle < end; ++middle) {
        if (!unicode::is_continuation(*middle)) straddle_->add(middle, end);
    }
}

}  // namespace ctxpack::bpe
