#include "sentencepiece/lattice.hpp"

#include <bit>
#include <cmath>

#include "cpu/level.hpp"

namespace ctxpack::sentencepiece {
namespace {

using Weight = Weights::Weight;

// Further below zero than any sum.
constexpr Weight kNever = -(Weight{1} << 60);

constexpr Weight kLength = Weights::kLengths - 1;
std::size_t length_of(Weight sum) { return static_cast<std::size_t>(sum & kLength); }

// The least power of two that a number does not exceed, if it is above zero.
double power_from(double number) {
    constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52) - 1;
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(number) + kFraction) & ~kFraction);
}

// Whether all characters have three bytes.
bool is_all_three_byte(Bytes p, std::size_t size) {
    std::size_t at = 0;
    while (at < size && ThreeBytePieces::is_three_byte_lead(p[at])) at += ThreeBytePieces::kBytes;
    return at == size;
}

}  // namespace

// By copies, because compilers make branches if members stand in their place.
inline void Lattice::Choice::offer(Weight sum) {
    const Weight former = best, former_second = second;
    const Weight worse = sum > former ? former : sum;
    second = worse > former_second ? worse : former_second;
    best = sum > former ? sum : former;
}

CTXPACK_FLATTENED Tokens Lattice::best(Bytes p, std::size_t size) {
    const Weight alone = is_all_three_byte(p, size) ? choose_three_byte(p, size) : choose(p, size);
    const Weight margin = trace(p, size);
    return {ids_.data(), ids_.size(), limit(size, alone, margin)};
}

// Fills the rows. Returns the sum of all characters by themselves.
Weight Lattice::choose(Bytes p, std::size_t size) {
    Weight alone = walk(p, size) ? 0 : mend(p, size);
    Row* const rows = rows_.data();
    rows[size].sum = 0;
    for (std::size_t i = 1; i <= kSteps; ++i) rows[size + i].sum = kNever;
    const Bytes end = p + size;
    Weight after = 0;
    Bytes q = end;
    for (Row* row = rows + size; row-- != rows;) {
        --q;
        const Node last = row->nodes[kSteps - 1];
        Choice choice{Weights::weight(last) + row[kSteps].sum, kNever};
        if (Weights::has_children(last) && q + kSteps < end) [[unlikely]] {
            const auto at = static_cast<std::size_t>(row - rows);
            places_[at][kSteps] = offer_longer(row, q, end, kSteps, last, Weights::unknown_place(), choice);
        }
        for (std::size_t k = kSteps - 1; k-- > 1;) choice.offer(Weights::weight(row->nodes[k]) + row[k + 1].sum);
        const Weight one = Weights::weight(row->nodes[0]);
        choice.offer(one + after);
        alone += one;
        after = choice.best & ~kLength;
        row->sum = after;
        row->choice = choice;
    }
    return alone;
}

// Fills the rows' nodes; returns whether all characters are ASCII, also those a little past the word.
bool Lattice::walk(Bytes p, std::size_t size) {
    const Weights& weights = weights_;
    const Node none = weights.none();
    unsigned bytes = 0;
    for (std::size_t at = 0; at < size; at += kGroup) {
        const Bytes q = p + at;
        Row* const rows = &rows_[at];
        Places* const places = &places_[at];
        Node nodes[kGroup];
        for (std::size_t i = 0; i < kGroup; ++i) {
            bytes |= q[i];
            places[i][0] = Weights::alone(q[i]);
            rows[i].nodes[0] = weights.at(Weights::alone(q[i]));
            places[i][1] = Weights::pair(q + i);
            rows[i].nodes[1] = nodes[i] = weights.at(Weights::pair(q + i));
        }
        for (std::size_t k = 2; k < kSteps; ++k) {
            for (std::size_t i = 0; i < kGroup; ++i) {
                const Place place = Weights::next(nodes[i], q[i + k]);
                places[i][k] = place;
                rows[i].nodes[k] = nodes[i] = weights.at(place, q[i + k], none);
            }
        }
    }
    return bytes < 0x80;
}

// Characters beyond ASCII have several bytes, and the unknown ones among them are in no node. Returns what that changes
// in the sum of all first bytes.
Weight Lattice::mend(Bytes p, std::size_t size) {
    Weight change = 0;
    for (std::size_t at = 0; at < size; ++at) {
        if (p[at] < 0x80) continue;
        change -= Weights::kNoWeight;
        if (unicode::is_continuation(p[at])) continue;
        const std::size_t length = unicode::sequence_length(p[at]);
        Node& node = rows_[at].nodes[length - 1];
        if (!Weights::has_weight(node)) {
            node = Weights::with_weight(node, weights_.unknown(length));
            places_[at][slot(length)] = Weights::unknown_place();
        }
        change += Weights::weight(node);
    }
    return change;
}

// Offers the pieces past the node that `length` bytes from a row's place lead to. Returns where the best piece from
// there on is: `place` if that is none of them.
Weights::Place Lattice::offer_longer(const Row* row, Bytes p, Bytes end, std::size_t length, Node node, Place place,
                                     Choice& choice) const {
    while (p + length < end && Weights::has_children(node)) {
        const Place further = Weights::next(node, p[length]);
        node = weights_.at(further, p[length], Weights::kNone);
        ++length;
        if (!Weights::has_weight(node)) continue;
        const Weight former = choice.best;
        choice.offer(Weights::weight(node) + row[length].sum);
        place = choice.best != former ? further : place;
    }
    return place;
}

// Does what choose does for a word of characters of three bytes, of which mostly one or two are a piece.
Weight Lattice::choose_three_byte(Bytes p, std::size_t size) {
    constexpr std::size_t kBytes = ThreeBytePieces::kBytes;
    const ThreeBytePieces& pieces = scores_.three_byte_pieces();
    Weight alone = 0, after = 0;
    std::uint32_t next = 0;  // no such character
    rows_[size].sum = 0;
    rows_[size + kBytes].sum = kNever;
    for (std::size_t at = size; at > 0;) {
        at -= kBytes;
        Row& row = rows_[at];
        const std::uint32_t point = ThreeBytePieces::point(p + at);
        const ThreeBytePieces::Pair pair = pieces.pair(point, next);
        Choice choice{Weights::weight(pair.node) + rows_[at + 2 * kBytes].sum, kNever};
        places_[at][slot(2 * kBytes)] = offer_longer(&row, p + at, p + size, 2 * kBytes, pair.node, pair.place, choice);
        const ThreeBytePieces::Character& one = pieces.character(point);
        places_[at][slot(kBytes)] = one.place;
        choice.offer(one.weight + after);
        alone += one.weight;
        after = row.sum = choice.best & ~kLength;
        row.choice = choice;
        next = point;
    }
    return alone;
}

// Goes the best way; returns how much it is better than any other.
Weight Lattice::trace(Bytes p, std::size_t size) {
    Weight margin = -kNever;
    ids_.clear();
    for (std::size_t at = 0; at < size;) {
        const Choice& choice = rows_[at].choice;
        const std::size_t length = length_of(choice.best);
        margin = std::min(margin, choice.best - choice.second);
        const TokenId id = weights_.id(places_[at][slot(length)]);
        if (id != kNoToken) [[likely]] {
            ids_.push_back(id);
        } else {
            scores_.pieces().append_unknown(p + at, length, ids_);
        }
        at += length;
    }
    return margin;
}

// Weights and lengths of pieces are off by less than kLengths each, all in one direction. The reference adds forwards,
// so the sums that it compares are those of the best way to some character and a piece after it. The best way is no
// worse than that of the characters by themselves, and with scores above zero no better than these. Floats are as far
// apart up to the next power of two; the sums' own rounding, below 1, is left.
float Lattice::limit(std::size_t size, Weight alone, Weight margin) const {
    const auto steps = static_cast<double>(size);
    const double unsure = (steps + 1) * static_cast<double>(Weights::kLengths);
    const double sure = (static_cast<double>(margin) - unsure) / weights_.scale();
    const double before = std::fabs(static_cast<double>(alone)) / weights_.scale() + steps * weights_.highest();
    const double most = power_from(sure * kFloatSteps / steps) - 1;
    return static_cast<float>(std::min(kSafeSum, most) - before - weights_.largest());
}

// By that of the characters by themselves; the last one ends the word.
double Lattice::reach(Bytes p, std::size_t size) const {
    constexpr std::size_t kBytes = ThreeBytePieces::kBytes;
    Weight alone = 0;
    if (is_all_three_byte(p, size)) {
        for (std::size_t i = 0; i + kBytes < size; i += kBytes)
            alone += scores_.three_byte_pieces().character(ThreeBytePieces::point(p + i)).weight;
    } else {
        // Of one beyond ASCII each byte weighs more than any character.
        for (std::size_t i = 0; i + 1 < size; ++i) alone += Weights::weight(weights_.at(Weights::alone(p[i])));
    }
    return std::fabs(static_cast<double>(alone)) / weights_.scale() + static_cast<double>(size) * weights_.highest();
}

}  // namespace ctxpack::sentencepiece
