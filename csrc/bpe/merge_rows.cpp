#include "bpe/merge_rows.hpp"

#include <algorithm>
#include <bit>

#include "bpe/symbols.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

bool MergeRows::add(Bytes p, std::size_t size) {
    static constexpr std::size_t kBytes = 4 * kSymbols;
    if (size > kBytes) return false;
    Piece& piece = pieces_[size_];
    piece.ranks.fill(kNone);
    if (size <= kSymbols && unicode::all_ascii(p, p + size)) {
        start_from_bytes(piece, p, size);
    } else {
        TokenId symbols[kBytes + 1];
        const std::size_t count = first_symbols(vocabulary_, merges_, p, p + size, symbols);
        if (count > kSymbols) return false;
        piece.now = static_cast<std::uint32_t>(count);
        std::copy_n(symbols, count, piece.symbols.data());
        for (unsigned at = 0; at + 1 < count; ++at) ask(static_cast<std::uint32_t>(size_), at, at + 1);
    }
    piece.alive = static_cast<std::uint32_t>((std::uint64_t{1} << piece.now) - 1);
    piece.many = piece.now > kSymbols / 2;
    piece.made = piece.previous = kSymbols;
    ++size_;
    return true;
}

void MergeRows::start_from_bytes(Piece& piece, Bytes p, std::size_t size) {
    piece.now = static_cast<std::uint32_t>(size);
    for (unsigned at = 0; at < size; ++at) piece.symbols[at] = vocabulary_.byte_rank(p[at]);
    for (unsigned at = 0; at + 1 < size; ++at) {
        const TokenId rank = merges_.merged_bytes(p[at], p[at + 1]);
        if (rank != kNoToken) piece.ranks[at] = ranked(rank, at);
    }
}

void MergeRows::ask(std::uint32_t piece, unsigned at, unsigned next) {
    const auto& symbols = pieces_[piece].symbols;
    questions_[asked_++] = {merges_.pairs().query(symbols[at], symbols[next]), piece, at};
}

// Most neighbours do not merge; what is in the table of those that may is asked for, so that it arrives side by side.
void MergeRows::sift() {
    std::size_t left = 0;
    for (std::size_t i = 0; i < asked_; ++i) {
        const Question question = questions_[i];
        questions_[left] = question;
        left += merges_.pairs().prefetch_where_may_merge(question.query);
    }
    asked_ = left;
}

void MergeRows::answer() {
    sift();
    for (std::size_t i = 0; i < asked_; ++i) {
        const Question& question = questions_[i];
        const TokenId rank = merges_.pairs().look_up(question.query);
        if (rank != kNoToken) pieces_[question.piece].ranks[question.at] = ranked(rank, question.at);
    }
    asked_ = 0;
}

void MergeRows::merge() {
    std::array<std::uint32_t, kMost> active;
    for (std::uint32_t i = 0; i < size_; ++i) active[i] = i;
    for (std::size_t left = size_; left > 0;) {
        answer();
        std::size_t stay = 0;
        for (std::size_t i = 0; i < left; ++i) {
            active[stay] = active[i];
            stay += step(active[i]);
        }
        left = stay;
    }
    for (std::size_t i = 0; i < size_; ++i) finish(pieces_[i]);
}

// Leaves a piece's tokens side by side, as ids.
void MergeRows::finish(Piece& piece) {
    std::size_t kept = 0;
    for (; piece.alive != 0; piece.alive &= piece.alive - 1)
        piece.symbols[kept++] = piece.symbols[std::countr_zero(piece.alive)];
    ids_.to_ids({piece.symbols.data(), kept});
}

// Merges the lowest rank, the leftmost of equals; false where nothing is left to merge.
bool MergeRows::step(std::uint32_t number) {
    Piece& piece = pieces_[number];
    const unsigned at = next_merge(piece);
    if (piece.ranks[at] == kNone) return false;
    const auto gone = static_cast<unsigned>(std::countr_zero(piece.alive & ~1u << at));
    piece.symbols[at] = rank_of(piece.ranks[at]);
    piece.alive ^= 1u << gone;
    if (--piece.now <= kFewest) return false;
    const std::uint32_t after = piece.alive & ~1u << at, before = piece.alive & ((1u << at) - 1);
    const unsigned previous = before == 0 ? at : static_cast<unsigned>(std::bit_width(before) - 1);
    piece.ranks[gone] = piece.ranks[at] = piece.ranks[previous] = kNone;
    if (after != 0) ask(number, at, static_cast<unsigned>(std::countr_zero(after)));
    if (previous != at) ask(number, previous, at);
    piece.made = at;
    piece.previous = previous;
    return true;
}

unsigned MergeRows::next_merge(const Piece& piece) const {
    if (merges_.has_haste() && piece.made != kSymbols) {
        const TokenId made = piece.symbols[piece.made];
        const auto rank = [&](unsigned at) { return piece.ranks[at] == kNone ? kNoToken : rank_of(piece.ranks[at]); };
        const TokenId next = rank(piece.made), before = rank(piece.previous);
        const bool with_next = merges_.is_hasty(made, next);
        if (with_next && next <= before) return piece.made;
        if (with_next || merges_.is_hasty(made, before)) return piece.previous;
    }
    return lowest(piece);
}

unsigned MergeRows::lowest(const Piece& piece) const {
    Ranked low = kNone;
    for (std::size_t i = 0; i < kSymbols / 2; ++i) low = std::min(low, piece.ranks[i]);
    if (piece.many) {
        for (std::size_t i = kSymbols / 2; i < kSymbols; ++i) low = std::min(low, piece.ranks[i]);
    }
    return static_cast<unsigned>(low & (kSymbols - 1));
}

}  // namespace ctxpack::bpe
