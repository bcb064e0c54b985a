#include "bpe/vocabulary.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "encoding/pair_table.hpp"

namespace ctxpack::bpe {
namespace {

constexpr std::size_t kWord = 16;             // bytes copied at once
constexpr std::uint32_t kLongest = 0xFFFF;    // bytes of a token, as files have room for
constexpr std::uint32_t kMostText = 1 << 26;  // bytes of all tokens: a small file could else ask for gigabytes

std::size_t merged_tokens(const VocabularyData& data) {
    if (data.bytes.size() != Vocabulary::kBytes) throw std::invalid_argument("a byte has no token");
    if (data.pairs.size() % Vocabulary::kPairSize != 0) throw std::invalid_argument("the merges are cut short");
    const std::size_t merged = Vocabulary::kBytes + data.pairs.size() / Vocabulary::kPairSize;
    if (merged + data.wholes.size() + data.spares.size() > PairTable::kNobody)
        throw std::invalid_argument("there are too many tokens");
    return merged;
}

// Where each token's bytes start, and where the last one's end.
std::vector<std::uint32_t> offsets_of(const VocabularyData& data) {
    const std::size_t merged = merged_tokens(data);
    std::vector<std::uint32_t> offsets(merged + data.wholes.size() + data.spares.size() + 1);
    std::size_t at = 0;
    const auto add = [&](std::size_t length, std::size_t least = 1) {
        if (length < least || length > kLongest) throw std::invalid_argument("a token is empty or too long");
        if (length > kMostText - offsets[at]) throw std::invalid_argument("the tokens have too many bytes in all");
        offsets[at + 1] = offsets[at] + static_cast<std::uint32_t>(length);
        ++at;
    };
    for (std::size_t rank = 0; rank < Vocabulary::kBytes; ++rank) add(1);
    for (std::size_t rank = Vocabulary::kBytes; rank < merged; ++rank) {
        const auto [left, right] = halves(data, rank);
        if (left >= rank || right >= rank) throw std::invalid_argument("a token is no merge of two older ones");
        add(offsets[left + 1] - offsets[left] + offsets[right + 1] - offsets[right]);
    }
    for (const std::string_view whole : data.wholes) add(whole.size());
    for (const std::string_view spare : data.spares) add(spare.size(), 0);
    return offsets;
}

// Copies a token's bytes; of a short one, for the sake of speed, always kWord: what is too much is overwritten by the
// next token, or lies in the room past the last.
std::uint8_t* copy(Bytes from, std::size_t size, std::uint8_t* to) {
    std::uint8_t word[kWord];
    if (size > kWord) return std::copy(from, from + size, to);
    std::memcpy(word, from, kWord);
    std::memcpy(to, word, kWord);
    return to + size;
}

// The bytes of all tokens, and room for a copy to write past the last.
std::vector<std::uint8_t> text_of(const VocabularyData& data, const std::vector<std::uint32_t>& offsets,
                                  std::size_t room) {
    std::vector<std::uint8_t> text(offsets.back() + room);
    std::uint8_t* end = std::copy(data.bytes.begin(), data.bytes.end(), text.data());
    const std::size_t merged = merged_tokens(data);
    for (std::size_t rank = Vocabulary::kBytes; rank < merged; ++rank) {
        const auto [left, right] = halves(data, rank);
        end = copy(text.data() + offsets[left], offsets[left + 1] - offsets[left], end);
        end = copy(text.data() + offsets[right], offsets[right + 1] - offsets[right], end);
    }
    for (const std::string_view whole : data.wholes) end = std::copy(whole.begin(), whole.end(), end);
    for (const std::string_view spare : data.spares) end = std::copy(spare.begin(), spare.end(), end);
    return text;
}

}  // namespace

Vocabulary::Vocabulary(const VocabularyData& data)
    : merged_(merged_tokens(data)),
      pretokens_(merged_ + data.wholes.size()),
      offsets_(offsets_of(data)),
      text_(text_of(data, offsets_, kRoom)) {
    index_bytes(data);
    for (TokenId rank = 0; rank < pretokens_; ++rank) longest_ = std::max(longest_, length(rank));
    for (const std::string_view whole : data.wholes) longest_whole_ = std::max(longest_whole_, whole.size());
}

void Vocabulary::index_bytes(const VocabularyData& data) {
    std::fill(std::begin(byte_ranks_), std::end(byte_ranks_), kNoToken);
    for (TokenId rank = 0; rank < kBytes; ++rank) byte_ranks_[data.bytes[rank]] = rank;
    if (std::find(std::begin(byte_ranks_), std::end(byte_ranks_), kNoToken) != std::end(byte_ranks_)) {
        throw std::invalid_argument("a byte has no token");
    }
}

}  // namespace ctxpack::bpe
