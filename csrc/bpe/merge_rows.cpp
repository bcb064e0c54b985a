#include "bpe/merge_rows.hpp"

#include <algorithm>
#include <bit>

#include "bpe/symbols.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

bool MergeRows::add(Bytes p, std::size_t size) {
    static constexpr std::size_t kBytes = 4 * kSymbols;
    if (size > kBytes) return false;
    Pretoken& pretoken = pretokens_[size_];
    pretoken.ranks.fill(kNone);
    if (size <= kSymbols && unicode::all_ascii(p, p + size)) {
        start_from_bytes(pretoken, p, size);
    } else {
        TokenId symbols[kBytes + 1];
        const std::size_t count = first_symbols(vocabulary_, merges_, p, p + size, symbols);
        if (count > kSymbols) return false;
        pretoken.now = static_cast<std::uint32_t>(count);
        std::copy_n(symbols, count, pretoken.symbols.data());
        for (unsigned at = 0; at + 1 < count; ++at) ask(static_cast<std::uint32_t>(size_), at, at + 1);
    }
    pretoken.alive = static_cast<std::uint32_t>((std::uint64_t{1} << pretoken.now) - 1);
    pretoken.many = pretoken.now > kSymbols / 2;
    pretoken.made = pretoken.previous = kSymbols;
    ++size_;
    return true;
}

void MergeRows::start_from_bytes(Pretoken& pretoken, Bytes p, std::size_t size) {
    pretoken.now = static_cast<std::uint32_t>(size);
    for (unsigned at = 0; at < size; ++at) pretoken.symbols[at] = vocabulary_.byte_rank(p[at]);
    for (unsigned at = 0; at + 1 < size; ++at) {
        const TokenId rank = merges_.merged_bytes(p[at], p[at + 1]);
        if (rank != kNoToken) pretoken.ranks[at] = ranked(rank, at);
    }
}

void MergeRows::ask(std::uint32_t pretoken, unsigned at, unsigned next) {
    const auto& symbols = pretokens_[pretoken].symbols;
    questions_[asked_++] = {merges_.pairs().query(symbols[at], symbols[next]), pretoken, at};
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
        if (rank != kNoToken) pretokens_[question.pretoken].ranks[question.at] = ranked(rank, question.at);
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
    for (std::size_t i = 0; i < size_; ++i) finish(pretokens_[i]);
}

// Leaves a pretoken's tokens side by side, as ids.
void MergeRows::finish(Pretoken& pretoken) {
    std::size_t kept = 0;
    for (; pretoken.alive != 0; pretoken.alive &= pretoken.alive - 1)
        pretoken.symbols[kept++] = pretoken.symbols[std::countr_zero(pretoken.alive)];
    ids_.to_ids({pretoken.symbols.data(), kept});
}

// Merges the lowest rank, the leftmost of equals; false where nothing is left to merge.
bool MergeRows::step(std::uint32_t number) {
    Pretoken& pretoken = pretokens_[number];
    const unsigned at = next_merge(pretoken);
    if (pretoken.ranks[at] == kNone) return false;
    const auto gone = static_cast<unsigned>(std::countr_zero(pretoken.alive & ~1u << at));
    pretoken.symbols[at] = rank_of(pretoken.ranks[at]);
    pretoken.alive ^= 1u << gone;
    if (--pretoken.now <= kFewest) return false;
    const std::uint32_t after = pretoken.alive & ~1u << at, before = pretoken.alive & ((1u << at) - 1);
    const unsigned previous = before == 0 ? at : static_cast<unsigned>(std::bit_width(before) - 1);
    pretoken.ranks[gone] = pretoken.ranks[at] = pretoken.ranks[previous] = kNone;
    if (after != 0) ask(number, at, static_cast<unsigned>(std::countr_zero(after)));
    if (previous != at) ask(number, previous, at);
    pretoken.made = at;
    pretoken.previous = previous;
    return true;
}

unsigned MergeRows::next_merge(const Pretoken& pretoken) const {
    if (merges_.has_haste() && pretoken.made != kSymbols) {
        const TokenId made = pretoken.symbols[pretoken.made];
        const auto rank = [&](unsigned at) {
            return pretoken.ranks[at] == kNone ? kNoToken : rank_of(pretoken.ranks[at]);
        };
        const TokenId next = rank(pretoken.made), before = rank(pretoken.previous);
        const bool with_next = merges_.is_hasty(made, next);
        if (with_next && next <= before) return pretoken.made;
        if (with_next || merges_.is_hasty(made, before)) return pretoken.previous;
    }
    return lowest(pretoken);
}

unsigned MergeRows::lowest(const Pretoken& pretoken) const {
    Ranked low = kNone;
    for (std::size_t i = 0; i < kSymbols / 2; ++i) low = std::min(low, pretoken.ranks[i]);
    if (pretoken.many) {
        for (std::size_t i = kSymbols / 2; i < kSymbols; ++i) low = std::min(low, pretoken.ranks[i]);
    }
    return static_cast<unsigned>(low & (kSymbols - 1));
}

}  // namespace ctxpack::bpe
