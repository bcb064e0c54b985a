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

// Calls prepare(i) and then finish(i, what prepare made) for every i below `size`, a block of each at a time: prepare
// fetches memory that finish reads.
template <class Prepare, class Finish>
void in_blocks(std::size_t size, Prepare prepare, Finish finish) {
    constexpr std::size_t kBlock = 32;
    decltype(prepare(TokenId{})) block[kBlock];
    for (std::size_t start = 0; start < size; start += kBlock) {
        const std::size_t filled = std::min(kBlock, size - start);
        for (std::size_t i = 0; i < filled; ++i) block[i] = prepare(static_cast<TokenId>(start + i));
        for (std::size_t i = 0; i < filled; ++i) finish(static_cast<TokenId>(start + i), block[i]);
    }
}

constexpr std::size_t kPairSize = 6;  // bytes of a merge in the data
constexpr std::size_t kLongest = 1 << 16;  // bytes of a token
constexpr std::size_t kLimit = std::size_t{1} << 21;  // ids that the pair table can hold

TokenId rank_at(Bytes p) { return p[0] | static_cast<TokenId>(p[1]) << 8 | static_cast<TokenId>(p[2]) << 16; }

std::size_t merged_tokens(const VocabularyData& data) {
    if (data.bytes.size() != Vocabulary::kBytes) throw std::invalid_argument("a byte has no token");
    if (data.pairs.size() % kPairSize != 0) throw std::invalid_argument("the merges are cut short");
    const std::size_t merged = Vocabulary::kBytes + data.pairs.size() / kPairSize;
    if (merged + data.wholes.size() + data.spares.size() >= kLimit) throw std::invalid_argument("there are too many tokens");
    return merged;
}

struct Halves {
    TokenId left, right;
};

Halves halves(const VocabularyData& data, std::size_t id) {
    const Bytes p = data.pairs.data() + (id - Vocabulary::kBytes) * kPairSize;
    return {rank_at(p), rank_at(p + kPairSize / 2)};
}

// Where each token's bytes start, and where the last one's end.
std::vector<std::uint32_t> offsets_of(const VocabularyData& data) {
    const std::size_t merged = merged_tokens(data);
    std::vector<std::uint32_t> offsets(1);
    offsets.reserve(merged + data.wholes.size() + data.spares.size() + 1);
    const auto add = [&](std::size_t length) {
        if (length == 0 || length > kLongest) throw std::invalid_argument("a token is empty or too long");
        offsets.push_back(offsets.back() + static_cast<std::uint32_t>(length));
    };
    for (std::size_t id = 0; id < Vocabulary::kBytes; ++id) add(1);
    for (std::size_t id = Vocabulary::kBytes; id < merged; ++id) {
        const auto [left, right] = halves(data, id);
        if (left >= id || right >= id) throw std::invalid_argument("a token is no merge of two older ones");
        add(offsets[left + 1] - offsets[left] + offsets[right + 1] - offsets[right]);
    }
    for (const std::string_view whole : data.wholes) add(whole.size());
    for (const std::string_view spare : data.spares) add(spare.size());
    return offsets;
}

// Copies a token's bytes, and for the sake of speed some that follow them.
std::uint8_t* copy(Bytes from, std::size_t size, std::uint8_t* to) {
    PieceKey word;
    if (size > sizeof word) return std::copy(from, from + size, to);
    std::memcpy(&word, from, sizeof word);
    std::memcpy(to, &word, sizeof word);
    return to + size;
}

// The bytes of all tokens, and room for a copy to write past the last.
std::vector<std::uint8_t> text_of(const VocabularyData& data, const std::vector<std::uint32_t>& offsets) {
    std::vector<std::uint8_t> text(offsets.back() + sizeof(PieceKey));
    std::uint8_t* end = std::copy(data.bytes.begin(), data.bytes.end(), text.data());
    for (std::size_t id = Vocabulary::kBytes; id < merged_tokens(data); ++id) {
        const auto [left, right] = halves(data, id);
        end = copy(text.data() + offsets[left], offsets[left + 1] - offsets[left], end);
        end = copy(text.data() + offsets[right], offsets[right + 1] - offsets[right], end);
    }
    for (const std::string_view whole : data.wholes) end = std::copy(whole.begin(), whole.end(), end);
    for (const std::string_view spare : data.spares) end = std::copy(spare.begin(), spare.end(), end);
    return text;
}

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

std::size_t short_tokens(const std::vector<std::uint32_t>& offsets) {
    std::size_t found = 0;
    for (std::size_t id = 0; id + 1 < offsets.size(); ++id) found += offsets[id + 1] - offsets[id] <= kShort;
    return found;
}

}  // namespace

Vocabulary::Vocabulary(const VocabularyData& data)
    : merged_(merged_tokens(data)),
      pretokens_(merged_ + data.wholes.size()),
      offsets_(offsets_of(data)),
      text_(text_of(data, offsets_)),
      short_shift_(shift_for(short_tokens(offsets_))),
      long_shift_(shift_for(size() - short_tokens(offsets_))),
      short_(slots_for(short_shift_)),
      short_ids_(short_.size()),
      long_(slots_for(long_shift_)),
      byte_pairs_(1 << 16, kNoToken),
      characters_(kPoints, kNoToken),
      pairs_(merged_),
      straddle_(std::make_unique<StraddleFilter>()),
      hasty_(data.hasty.begin(), data.hasty.end()) {
    index_pieces();
    index_bytes(data);
    index_merges(data);
    index_characters();
}

Vocabulary::Prepared Vocabulary::prepare(Bytes p, std::size_t size) const {
    Prepared piece{p, size, 0, {}};
    if (size > kShort) {
        piece.hash = hash_of(p, size);
        prefetch_long(piece.hash);
    } else {
        piece.key = short_key(p, size, text_.data() + text_.size());
        piece.hash = hash_of(piece.key);
        prefetch_short(piece.hash);
        prefetch(&short_ids_[piece.hash >> short_shift_]);
    }
    return piece;
}

void Vocabulary::index_pieces() {
    in_blocks(
        pretokens_, [&](TokenId id) { return prepare(text(id), length(id)); },
        [&](TokenId id, const Prepared& piece) { insert(piece, id); });
}

void Vocabulary::insert(const Prepared& piece, TokenId id) {
    if (piece.size > kShort) {
        std::size_t at = piece.hash >> long_shift_;
        while (long_[at] != 0) at = (at + 1) & (long_.size() - 1);
        long_[at] = piece.hash << 32 | (id + 1);
    } else {
        std::size_t at = piece.hash >> short_shift_;
        while (short_[at].high != 0) at = (at + 1) & (short_.size() - 1);
        short_[at] = piece.key;
        short_ids_[at] = id;
    }
}

void Vocabulary::index_bytes(const VocabularyData& data) {
    std::fill(std::begin(byte_ids_), std::end(byte_ids_), kNoToken);
    for (TokenId id = 0; id < kBytes; ++id) byte_ids_[data.bytes[id]] = id;
    if (std::find(std::begin(byte_ids_), std::end(byte_ids_), kNoToken) != std::end(byte_ids_)) {
        throw std::invalid_argument("a byte has no token");
    }
}

void Vocabulary::index_merges(const VocabularyData& data) {
    const auto fetch = [&](TokenId i) {
        const Halves pair = halves(data, kBytes + i);
        pairs_.prefetch_slot(pair.left, pair.right);
        return pair;
    };
    in_blocks(merged_ - kBytes, fetch, [&](TokenId i, Halves pair) {
        const auto id = static_cast<TokenId>(kBytes + i);
        pairs_.insert(pair.left, pair.right, id);
        if (length(id) == 2) byte_pairs_[text(id)[0] << 8 | text(id)[1]] = id;
    });
}

void Vocabulary::index_characters() {
    for (TokenId id = 0; id < merged_; ++id) {
        const Bytes p = text(id);
        if (is_ascii(p, length(id))) continue;
        unicode::is_valid(p, length(id)) ? index_character(id) : index_straddling(id);
    }
}

void Vocabulary::index_character(TokenId id) {
    const unicode::Character character = unicode::decode(text(id));
    if (character.length == length(id) && character.point < kPoints) characters_[character.point] = id;
}

void Vocabulary::index_straddling(TokenId id) {
    const Bytes begin = text(id), end = begin + length(id);
    for (Bytes middle = begin + 1; middle < end; ++middle) {
        if (!unicode::is_continuation(*middle)) straddle_->add(begin, middle, end);
    }
}

TokenId Vocabulary::find_piece(Bytes p, std::size_t size, Bytes end) const {
    if (size > kShort) return find(p, size, hash_of(p, size));
    const PieceKey key = short_key(p, size, end);
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
