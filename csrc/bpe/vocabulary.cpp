#include "bpe/vocabulary.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "unicode/utf8.hpp"

namespace ctxpack::bpe {
namespace {

// Slots for a table that stays at most half full, as the shift that turns a hash into an index.
unsigned shift_for(std::size_t entries) { return 64 - static_cast<unsigned>(std::bit_width(entries * 2)); }

std::size_t slots_for(unsigned shift) { return std::size_t{1} << (64 - shift); }

std::size_t short_tokens(const VocabularyData& data) {
    return static_cast<std::size_t>(
        std::count_if(data.lengths, data.lengths + data.size, [](std::uint8_t length) { return length <= kShort; }));
}

// Where each token's bytes start, and where the last one's end.
std::vector<std::uint32_t> offsets_of(const VocabularyData& data) {
    const Bytes end = data.lengths + data.size;
    std::vector<std::uint32_t> offsets(data.size + 1);
    std::inclusive_scan(data.lengths, end, offsets.begin() + 1, std::plus<>{}, std::uint32_t{0});
    if (offsets.back() != data.text_size) throw std::invalid_argument("the lengths do not add up to the text");
    if (std::find(data.lengths, end, 0) != end) throw std::invalid_argument("a token is empty");
    return offsets;
}

}  // namespace

Vocabulary::Vocabulary(const VocabularyData& data)
    : offsets_(offsets_of(data)),
      text_(data.text, data.text + data.text_size),
      short_shift_(shift_for(short_tokens(data))),
      long_shift_(shift_for(data.size - short_tokens(data))),
      short_(slots_for(short_shift_)),
      short_ids_(short_.size()),
      long_(slots_for(long_shift_)),
      byte_pairs_(kPlane, kNoToken),
      characters_(kPlane, kNoToken),
      pairs_(data.size),
      straddle_(std::make_unique<StraddleFilter>()) {
    index_pieces();
    index_merges(data.left_halves);
}

void Vocabulary::index_pieces() {
    std::fill(std::begin(byte_ids_), std::end(byte_ids_), kNoToken);
    for (TokenId id = 0; id < size(); ++id) {
        length(id) <= kShort ? index_short(id) : index_long(id);
        if (length(id) == 1) byte_ids_[*text(id)] = id;
        if (*text(id) >= 0xC0) index_character(id);
        index_straddling(id);
    }
    if (std::find(std::begin(byte_ids_), std::end(byte_ids_), kNoToken) != std::end(byte_ids_)) {
        throw std::invalid_argument("a byte has no token");
    }
}

void Vocabulary::index_short(TokenId id) {
    PieceKey key = short_key(text(id), length(id), text_.data() + text_.size());
    std::size_t at = hash_of(key) >> short_shift_;
    while (short_[at].high != 0) at = (at + 1) & (short_.size() - 1);
    key.high |= std::uint64_t{1} << kCountShift;
    short_[at] = key;
    short_ids_[at] = id;
}

void Vocabulary::index_long(TokenId id) {
    const std::uint64_t hash = hash_of(text(id), length(id));
    std::size_t at = hash >> long_shift_;
    while (long_[at] != 0) at = (at + 1) & (long_.size() - 1);
    long_[at] = hash << 32 | (id + 1);
}

void Vocabulary::index_merges(Bytes left_halves) {
    for (TokenId id = 0; id < size(); ++id) {
        const std::size_t split = left_halves[id];
        if (length(id) == 1) continue;
        if (split == 0 || split >= length(id)) throw std::invalid_argument("a token is no merge of two others");
        const TokenId left = find_text(text(id), split);
        const TokenId right = find_text(text(id) + split, length(id) - split);
        if (left >= id || right >= id) throw std::invalid_argument("a token is no merge of two older ones");
        pairs_.insert(left, right, id);
        if (length(id) == 2) byte_pairs_[text(id)[0] << 8 | text(id)[1]] = id;
    }
}

void Vocabulary::index_character(TokenId id) {
    if (length(id) > 3 || !unicode::is_valid(text(id), length(id))) return;
    const unicode::Character character = unicode::decode(text(id));
    if (character.length == length(id)) characters_[character.point] = id;
}

void Vocabulary::index_straddling(TokenId id) {
    const Bytes begin = text(id), end = begin + length(id);
    if (unicode::is_valid(begin, length(id))) return;
    for (Bytes middle = begin + 1; middle < end; ++middle) {
        if (!unicode::is_continuation(*middle)) straddle_->add(begin, middle, end);
    }
}

TokenId Vocabulary::find_text(Bytes p, std::size_t size) const {
    if (size == 1) return byte_ids_[*p];
    if (size > kShort) return find(p, size, hash_of(p, size));
    const PieceKey key = short_key(p, size, text_.data() + text_.size());
    return find(key, hash_of(key));
}

TokenId Vocabulary::find(Bytes p, std::size_t size, std::uint64_t hash) const {
    const std::uint64_t tag = hash & 0xFFFFFFFF;
    for (std::size_t at = hash >> long_shift_; long_[at] != 0; at = (at + 1) & (long_.size() - 1)) {
        if (long_[at] >> 32 != tag) continue;
        const auto id = static_cast<TokenId>(long_[at]) - 1;
        if (length(id) == size && std::memcmp(text(id), p, size) == 0) return id;
    }
    return kNoToken;
}

}  // namespace ctxpack::bpe
