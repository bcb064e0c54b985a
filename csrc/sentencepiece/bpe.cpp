#include "sentencepiece/bpe.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace ctxpack::sentencepiece {
namespace {

// The reference takes unused pieces apart no deeper than this.
constexpr unsigned kDeepest = 100;
constexpr std::uint32_t kGone = 0xFFFFFFFF;

}  // namespace

Tokens Bpe::segment(Bytes p, std::size_t size) {
    ids_.clear();
    merge(p, size, [this](TokenId symbol, std::uint32_t at) { append(symbol, at, 0); });
    return {ids_.data(), ids_.size(), std::numeric_limits<float>::infinity()};
}

std::vector<Bpe::Symbol> Bpe::merged_symbols(Bytes p, std::size_t size) {
    std::vector<Symbol> found;
    if (size > 0) merge(p, size, [&](TokenId symbol, std::uint32_t at) { found.push_back({symbol, at}); });
    return found;
}

// Calls back with each symbol that is left, and the byte that it starts at.
template <class Visit>
void Bpe::merge(Bytes p, std::size_t size, Visit visit) {
    text_ = p;
    if (!merges_.has_unused() && few_.start(p, p + size)) {
        few_.merge();
        few_.visit(visit);
    } else {
        start(p, p + size);
        merge_many();
        for (std::size_t i = 0; i < symbols_.size(); ++i) {
            if (begins_[i] != kGone) visit(symbols_[i], begins_[i]);
        }
    }
}

void Bpe::release(std::size_t kept) {
    if (symbols_.capacity() <= kept) return;
    for (auto* numbers : {&symbols_, &begins_, &merged_, &next_, &before_, &ids_}) {
        std::vector<std::uint32_t>().swap(*numbers);
    }
}

void Bpe::start(Bytes p, Bytes end) {
    if (static_cast<std::size_t>(end - p) >= kGone) throw std::invalid_argument("4 GB of text with no place to cut it");
    symbols_.clear();
    begins_.clear();
    parts_.clear();
    while (p < end) {
        const Merges::Start found = merges_.start(p, end);
        symbols_.push_back(found.symbol);
        begins_.push_back(static_cast<std::uint32_t>(p - text_));
        p += found.size;
    }
    merged_.assign(symbols_.size(), kNoToken);
    for (std::size_t i = 0; i + 1 < symbols_.size(); ++i) merged_[i] = pair(i, i + 1);
}

// The piece that the symbols at two places make, or kNoToken.
TokenId Bpe::pair(std::size_t left, std::size_t right) {
    const TokenId merged = merges_.merged(symbols_[left], symbols_[right]);
    if (merges_.has_unused() && merged != kNoToken && merges_.pieces().type(merged) == PieceType::unused) {
        parts_[merged] = {symbols_[left], symbols_[right], begins_[right] - begins_[left]};
    }
    return merged;
}

// With a queue. A symbol that was merged into the one before it is marked gone; a candidate is out of date
// where its place now makes another piece, or none.
void Bpe::merge_many() {
    const auto count = static_cast<std::uint32_t>(symbols_.size());
    next_.resize(count);
    before_.resize(count);
    std::vector<Candidate> candidates;
    for (std::uint32_t i = 0; i < count; ++i) {
        next_[i] = i + 1;
        before_[i] = i - 1;
        if (merged_[i] != kNoToken) candidates.push_back(candidate(i));
    }
    std::make_heap(candidates.begin(), candidates.end());
    while (!candidates.empty()) {
        std::pop_heap(candidates.begin(), candidates.end());
        const Candidate best = candidates.back();
        candidates.pop_back();
        const auto left = static_cast<std::uint32_t>(best.key);
        if (begins_[left] == kGone || merged_[left] != best.merged) continue;
        const std::uint32_t right = next_[left];
        symbols_[left] = best.merged;
        begins_[right] = kGone;
        next_[left] = next_[right];
        if (next_[left] < count) before_[next_[left]] = left;
        if (left > 0) propose(candidates, before_[left]);
        propose(candidates, left);
    }
}

Bpe::Candidate Bpe::candidate(std::uint32_t left) const {
    return {std::uint64_t{merges_.rank(merged_[left])} << 32 | left, merged_[left]};
}

void Bpe::propose(std::vector<Candidate>& candidates, std::uint32_t left) {
    const std::uint32_t right = next_[left];
    merged_[left] = right < symbols_.size() ? pair(left, right) : kNoToken;
    if (merged_[left] == kNoToken) return;
    candidates.push_back(candidate(left));
    std::push_heap(candidates.begin(), candidates.end());
}

// Appends the tokens of a symbol that starts at that byte.
void Bpe::append(TokenId symbol, std::uint32_t at, unsigned depth) {
    const Pieces& pieces = merges_.pieces();
    symbol &= ~Merges::kAlone;
    const bool is_piece = symbol < pieces.size();
    if (is_piece && (pieces.type(symbol) != PieceType::unused || depth > kDeepest)) return ids_.push_back(symbol);
    const auto parts = is_piece ? parts_.find(symbol) : parts_.end();
    if (parts == parts_.end()) {
        return pieces.append_unknown(text_ + at, unicode::sequence_length(text_[at]), ids_);
    }
    const Parts found = parts->second;
    append(found.left, at, depth + 1);
    append(found.right, at + found.left_size, depth + 1);
}

}  // namespace ctxpack::sentencepiece
