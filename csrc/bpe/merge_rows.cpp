#include "bpe/merge_rows.hpp"

#include <algorithm>
#include <bit>

#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

bool MergeRows::add_ascii(Bytes p, std::size_t size) {
    if (size > kSymbols || !unicode::all_ascii(p, p + size)) return false;
    Part& part = next_part(size, 2);
    for (unsigned at = 0; at < size; ++at) part.symbols[at] = vocabulary_.byte_rank(p[at]);
    for (unsigned at = 0; at + 1 < size; ++at) {
        const TokenId rank = merges_.merged_bytes(p[at], p[at + 1]);
        if (rank != kNoToken) part.ranks[at] = ranked(rank, at);
    }
    return true;
}

void MergeRows::add(std::span<const TokenId> symbols, unsigned fewest) {
    const auto number = static_cast<std::uint32_t>(size_);
    std::copy(symbols.begin(), symbols.end(), next_part(symbols.size(), fewest).symbols.begin());
    for (unsigned at = 0; at + 1 < symbols.size(); ++at) ask(number, at, at + 1);
}

MergeRows::Part& MergeRows::next_part(std::size_t symbols, unsigned fewest) {
    Part& part = parts_[size_++];
    part.ranks.fill(kNone);
    part.now = static_cast<std::uint32_t>(symbols);
    part.fewest = fewest;
    part.alive = static_cast<std::uint32_t>((std::uint64_t{1} << symbols) - 1);
    part.many = symbols > kSymbols / 2;
    part.made = part.previous = kSymbols;
    return part;
}

void MergeRows::ask(std::uint32_t part, unsigned at, unsigned next) {
    const auto& symbols = parts_[part].symbols;
    questions_[asked_++] = {merges_.pairs().query(symbols[at], symbols[next]), part, at};
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
        if (rank != kNoToken) parts_[question.part].ranks[question.at] = ranked(rank, question.at);
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
    for (std::size_t i = 0; i < size_; ++i) finish(parts_[i]);
}

// Leaves a part's tokens side by side, as ids.
void MergeRows::finish(Part& part) {
    std::size_t kept = 0;
    for (; part.alive != 0; part.alive &= part.alive - 1)
        part.symbols[kept++] = part.symbols[std::countr_zero(part.alive)];
    ids_.to_ids({part.symbols.data(), kept});
}

// Merges the lowest rank, the leftmost of equals; false where nothing is left to merge.
bool MergeRows::step(std::uint32_t number) {
    Part& part = parts_[number];
    const unsigned at = next_merge(part);
    if (part.ranks[at] == kNone) return false;
    const auto gone = static_cast<unsigned>(std::countr_zero(part.alive & ~1u << at));
    part.symbols[at] = rank_of(part.ranks[at]);
    part.alive ^= 1u << gone;
    if (--part.now <= part.fewest) return false;
    const std::uint32_t after = part.alive & ~1u << at, before = part.alive & ((1u << at) - 1);
    const unsigned previous = before == 0 ? at : static_cast<unsigned>(std::bit_width(before) - 1);
    part.ranks[gone] = part.ranks[at] = part.ranks[previous] = kNone;
    if (after != 0) ask(number, at, static_cast<unsigned>(std::countr_zero(after)));
    if (previous != at) ask(number, previous, at);
    part.made = at;
    part.previous = previous;
    return true;
}

unsigned MergeRows::next_merge(const Part& part) const {
    if (merges_.has_haste() && part.made != kSymbols) {
        const TokenId made = part.symbols[part.made];
        const auto rank = [&](unsigned at) { return part.ranks[at] == kNone ? kNoToken : rank_of(part.ranks[at]); };
        const TokenId next = rank(part.made), before = rank(part.previous);
        const bool with_next = merges_.is_hasty(made, next);
        if (with_next && next <= before) return part.made;
        if (with_next || merges_.is_hasty(made, before)) return part.previous;
    }
    return lowest(part);
}

unsigned MergeRows::lowest(const Part& part) const {
    Ranked low = kNone;
    for (std::size_t i = 0; i < kSymbols / 2; ++i) low = std::min(low, part.ranks[i]);
    if (part.many) {
        for (std::size_t i = kSymbols / 2; i < kSymbols; ++i) low = std::min(low, part.ranks[i]);
    }
    return static_cast<unsigned>(low & (kSymbols - 1));
}

}  // namespace ctxpack::bpe
