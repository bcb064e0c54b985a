#include "bpe/merges.hpp"

#include <stdexcept>

#include "bpe/in_blocks.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

// The first and the last character of a token. They are not known of tokens that are not whole characters; those above
// are too rare to be worth twice the memory.
struct Merges::EndPoints {
    static constexpr std::uint16_t kUnknown = 0xFFFF;

    EndPoints() = default;
    EndPoints(std::uint32_t first, std::uint32_t last)
        : first(static_cast<std::uint16_t>(std::min<std::uint32_t>(first, kUnknown))),
          last(static_cast<std::uint16_t>(std::min<std::uint32_t>(last, kUnknown))) {}

    std::uint16_t first = kUnknown, last = kUnknown;
};

Merges::Merges(const Vocabulary& vocabulary, const VocabularyData& data)
    : pairs_(vocabulary.merged()),
      byte_pairs_(1 << 16, kNoToken),
      characters_(kPoints, Pages::small),
      straddle_(std::make_unique<StraddleFilter>()),
      may_cut_(vocabulary.pretokens() == vocabulary.merged()),
      hasty_(data.hasty.begin(), data.hasty.end()) {
    check_haste(vocabulary);
    index_pairs(vocabulary, data);
    index_texts(vocabulary, data);
    index_halves(vocabulary);
    index_alone();
}

void Merges::check_haste(const Vocabulary& vocabulary) const {
    for (const auto [first, last] : hasty_) {
        if (first > last || last >= vocabulary.merged()) throw std::invalid_argument("hasty tokens are out of order");
    }
}

void Merges::index_pairs(const Vocabulary& vocabulary, const VocabularyData& data) {
    const auto fetch = [&](std::size_t i) {
        const auto [left, right] = halves(data, Vocabulary::kBytes + i);
        return pairs_.prefetched(pairs_.query(left, right));
    };
    in_blocks(vocabulary.merged() - Vocabulary::kBytes, fetch, [&](std::size_t i, const PairTable::Query& query) {
        if (pairs_.find(query) != kNoToken) throw std::invalid_argument("two tokens are made of the same two");
        pairs_.insert(query, static_cast<TokenId>(Vocabulary::kBytes + i));
    });
}

// Whole characters stand side by side in a token where they do in one of its halves, or where these meet.
void Merges::index_texts(const Vocabulary& vocabulary, const VocabularyData& data) {
    std::vector<EndPoints> ends(vocabulary.merged());
    for (TokenId rank = 0; rank < Vocabulary::kBytes; ++rank) {
        const std::uint8_t byte = data.bytes[rank];
        if (byte >= Cuts::kAscii) continue;
        ends[rank] = {byte, byte};
        characters_[byte].not_first = ~rank;
    }
    for (TokenId rank = Vocabulary::kBytes; rank < vocabulary.merged(); ++rank) {
        const auto [left, right] = halves(data, rank);
        if ((left | right) < Vocabulary::kBytes) byte_pairs_[data.bytes[left] << 8 | data.bytes[right]] = rank;
        if (std::max(ends[left].last, ends[right].first) < EndPoints::kUnknown) [[likely]] {
            join(ends[left].last, ends[right].first);
            ends[rank] = {ends[left].first, ends[right].last};
        } else {
            const Bytes text = vocabulary.text(rank);
            ends[rank] = index_text(rank, text, text + vocabulary.length(rank));
        }
    }
}

void Merges::join(std::uint32_t left, std::uint32_t right) {
    has_inner_blanks_ |= left < Cuts::kAscii && right == ' ';
    cuts_.join(left, right);
}

Merges::EndPoints Merges::index_text(TokenId rank, Bytes begin, Bytes end) {
    if (unicode::is_valid(begin, static_cast<std::size_t>(end - begin))) return index_whole(rank, begin, end);
    index_straddling(rank, begin, end);
    return {};
}

Merges::EndPoints Merges::index_whole(TokenId rank, Bytes begin, Bytes end) {
    const unicode::Character first = unicode::decode(begin);
    if (begin + first.length == end && first.point < kPoints) characters_[first.point].not_first = ~rank;
    unicode::Character last = first;
    for (Bytes p = begin + first.length; p < end; p += last.length) {
        const unicode::Character next = unicode::decode(p);
        join(last.point, next.point);
        last = next;
    }
    return {first.point, last.point};
}

// Of a token that holds parts of characters, but perhaps also whole ones. A hasty one does not wait for its rank.
void Merges::index_straddling(TokenId rank, Bytes begin, Bytes end) {
    const auto next_start = [end](Bytes p) {
        return std::find_if_not(p + 1, end, [](std::uint8_t byte) { return unicode::is_continuation(byte); });
    };
    const auto is_whole = [](Bytes p, Bytes next) {
        return !unicode::is_continuation(*p) && next - p == unicode::sequence_length(*p);
    };
    const TokenId from = is_hasty(rank) ? 0 : rank;
    for (Bytes p = begin, middle = next_start(p), next; middle < end; p = middle, middle = next) {
        next = next_start(middle);
        has_inner_blanks_ |= middle[-1] < Cuts::kAscii && *middle == ' ';
        if (is_whole(p, middle) && is_whole(middle, next)) {
            join(unicode::decode(p).point, unicode::decode(middle).point);
        } else {
            straddle_->add(middle, end, from);
        }
    }
}

bool Merges::is_hasty(TokenId token) const {
    return std::any_of(hasty_.begin(), hasty_.end(),
                       [&](RankRange range) { return range.first <= token && token <= range.last; });
}

// Characters of three bytes that are no token: their bytes can merge but once.
void Merges::index_halves(const Vocabulary& vocabulary) {
    for (std::uint32_t point = 0x800; point < 0x10000; ++point) {
        if (character(point).first != kNoToken) continue;
        const auto lead = static_cast<std::uint8_t>(0xE0 | point >> 12);
        const auto middle = static_cast<std::uint8_t>(0x80 | (point >> 6 & 63));
        const auto last = static_cast<std::uint8_t>(0x80 | (point & 63));
        const TokenId left = merged_bytes(lead, middle), right = merged_bytes(middle, last);
        if (left < right) characters_[point] = {~left, ~vocabulary.byte_rank(last)};
        if (right < left) characters_[point] = {~vocabulary.byte_rank(lead), ~right};
    }
}

// Characters of three bytes that neither are tokens nor have halves are their bytes.
void Merges::index_alone() {
    for (std::uint32_t point = 0; point < Cuts::kPoints; ++point) {
        const Character alone = character(point);
        const unsigned bytes = point < 0x800 ? 0 : 3;
        cuts_.set_alone(point, alone.first == kNoToken ? bytes : 1 + (alone.second != kNoToken));
    }
}

}  // namespace ctxpack::bpe
