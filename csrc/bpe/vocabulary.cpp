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
      byte_pairs_(1 << 16, kNoToken),
      characters_(kPoints, kNoToken),
      pairs_(data.size),
      straddle_(std::make_unique<StraddleFilter>()) {
    index_pieces();
    index_bytes();
    index_merges(data.left_halves);
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

TokenId Vocabulary::find(const Prepared& piece) const {
    return piece.size > kShort ? find(piece.text, piece.size, piece.hash) : find(piece.key, piece.hash);
}

void Vocabulary::index_pieces() {
    in_blocks(
        size(), [&](TokenId id) { return prepare(text(id), length(id)); },
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

void Vocabulary::index_bytes() {
    std::fill(std::begin(byte_ids_), std::end(byte_ids_), kNoToken);
    for (TokenId id = 0; id < size(); ++id) {
        if (length(id) == 1) byte_ids_[*text(id)] = id;
        if (length(id) == 2) byte_pairs_[text(id)[0] << 8 | text(id)[1]] = id;
    }
    if (std::find(std::begin(byte_ids_), std::end(byte_ids_), kNoToken) != std::end(byte_ids_)) {
        throw std::invalid_argument("a byte has no token");
    }
}

void Vocabulary::index_merges(Bytes left_halves) {
    struct Halves {
        Prepared left, right;
    };
    std::vector<std::pair<TokenId, TokenId>> halves(size());
    const auto cut = [&](TokenId id) {
        const std::size_t left = left_halves[id];
        if (length(id) == 1) return Halves{};
        if (left == 0 || left >= length(id)) throw std::invalid_argument("a token is no merge of two others");
        return Halves{prepare(text(id), left), prepare(text(id) + left, length(id) - left)};
    };
    in_blocks(size(), cut, [&](TokenId id, const Halves& cut) {
        if (length(id) > 1) halves[id] = {find(cut.left), find(cut.right)};
    });
    const auto fetch = [&](TokenId id) { return pairs_.prefetch_slot(halves[id].first, halves[id].second); };
    in_blocks(size(), fetch, [&](TokenId id, std::uint64_t) {
        const auto [left, right] = halves[id];
        if (length(id) == 1) return;
        if (left >= id || right >= id) throw std::invalid_argument("a token is no merge of two older ones");
        pairs_.insert(left, right, id);
    });
}

void Vocabulary::index_characters() {
    for (TokenId id = 0; id < size(); ++id) {
        const Bytes p = text(id);
        if (std::all_of(p, p + length(id), [](std::uint8_t byte) { return byte < 0x80; })) continue;
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
