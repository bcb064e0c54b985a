#include "bpe/merge.hpp"

#include <algorithm>
#include <bit>

#include "bpe/symbols.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::bpe {
namespace {

// A merge looks at one symbol in 16 of its window: past this many bytes cutting is cheaper.
constexpr std::size_t kWhole = 192;
constexpr std::size_t kFirstWindow = 128;
// Tokens at the end of a window that are not trusted, and how many more are given back before the window is widened.
constexpr std::size_t kMargin = 2;
constexpr std::size_t kRetries = 6;

// Symbols of which those that are left are the bits of a word.
constexpr unsigned kPlaceBits = 4;
constexpr std::size_t kFew = 1 << kPlaceBits;

// The leftmost place of the lowest rank: that of the least of the ranks with their places below them.
unsigned lowest(const TokenId* ranks, unsigned size) {
    std::uint64_t low = ~std::uint64_t{0};
    for (unsigned i = 0; i < size; ++i) low = std::min(low, std::uint64_t{ranks[i]} << kPlaceBits | i);
    return static_cast<unsigned>(low & (kFew - 1));
}

}  // namespace

const std::vector<TokenId>& Merger::merge(Bytes p, std::size_t size, unsigned fewest) {
    size > kWhole ? merge_long(p, p + size) : merge_window(p, p + size, fewest);
    std::vector<TokenId>& found = size > kWhole ? done_ : symbols_;
    ids_.to_ids(found);
    return found;
}

void Merger::release() {
    if (done_.capacity() <= kKept && ranks_.capacity() <= kKept) return;
    for (auto* tokens : {&symbols_, &ranks_, &current_, &done_}) std::vector<TokenId>().swap(*tokens);
    candidates_ = std::vector<Candidate>();
    links_ = std::vector<Link>();
    queue_ = RankQueue();
}

void Merger::merge_window(Bytes begin, Bytes end, unsigned fewest) {
    unicode::all_ascii(begin, end) ? start_from_bytes(begin, end) : start_from_characters(begin, end);
    symbols_.size() <= kFew ? merge_few(fewest) : merge_many();
}

void Merger::start_from_bytes(Bytes begin, Bytes end) {
    const auto size = static_cast<std::size_t>(end - begin);
    symbols_.resize(size);
    ranks_.resize(size);
    for (std::size_t i = 0; i < size; ++i) symbols_[i] = vocabulary_.byte_rank(begin[i]);
    for (std::size_t i = 0; i + 1 < size; ++i) ranks_[i] = merges_.merged_bytes(begin[i], begin[i + 1]);
    ranks_[size - 1] = kNoToken;
}

void Merger::start_from_characters(Bytes begin, Bytes end) {
    symbols_.resize(static_cast<std::size_t>(end - begin) + 1);
    symbols_.resize(first_symbols(vocabulary_, merges_, begin, end, symbols_.data()));
    rank_all();
}

// Most neighbours do not merge; what is in the table of those that may is asked for at once, so that it arrives side by
// side.
void Merger::rank_all() {
    ranks_.assign(symbols_.size(), kNoToken);
    candidates_.resize(symbols_.size());
    std::size_t found = 0;
    for (std::size_t i = 0; i + 1 < symbols_.size(); ++i) {
        candidates_[found] = {merges_.pairs().query(symbols_[i], symbols_[i + 1]), i};
        found += merges_.pairs().may_merge(candidates_[found].query);
    }
    for (std::size_t i = 0; i < found; ++i) merges_.pairs().prefetched(candidates_[i].query);
    for (std::size_t i = 0; i < found; ++i) ranks_[candidates_[i].at] = merges_.pairs().find(candidates_[i].query);
}

// Merges the lowest rank next, the leftmost of equals. If a merge of the token just made is hasty, the lower of its two
// comes first. Symbols stay where they began; `alive` has a bit for each that is left.
void Merger::merge_few(unsigned fewest) {
    const auto size = static_cast<unsigned>(symbols_.size());
    TokenId* const symbols = symbols_.data();
    TokenId* const ranks = ranks_.data();
    std::uint32_t alive = (1u << size) - 1;
    for (unsigned at = lowest(ranks, size), now = size; ranks[at] != kNoToken;) {
        const auto gone = static_cast<unsigned>(std::countr_zero(alive & ~1u << at));
        symbols[at] = ranks[at];
        alive ^= 1u << gone;
        if (--now <= fewest) break;
        const std::uint32_t after = alive & ~1u << at, before = alive & ((1u << at) - 1);
        const unsigned previous = before == 0 ? at : static_cast<unsigned>(std::bit_width(before) - 1);
        ranks[gone] = kNoToken;
        ranks[at] = after == 0 ? kNoToken : merges_.merged(symbols[at], symbols[std::countr_zero(after)]);
        if (previous != at) ranks[previous] = merges_.merged(symbols[previous], symbols[at]);
        const unsigned lower = ranks[at] <= ranks[previous] ? at : previous;
        at = merges_.has_haste() && merges_.is_hasty(symbols[at], ranks[lower]) ? lower : lowest(ranks, size);
    }
    std::size_t kept = 0;
    for (; alive != 0; alive &= alive - 1) symbols[kept++] = symbols[std::countr_zero(alive)];
    symbols_.resize(kept);
}

// Merges in the order of merge_few, with links between symbols and a queue of ranks.
void Merger::merge_many() {
    links_.resize(symbols_.size());
    for (std::uint32_t i = 0; i < links_.size(); ++i) links_[i] = {i - 1, i + 1};
    queue_.assign(ranks_);
    for (RankQueue::Place place = queue_.lowest(); place.rank != RankQueue::kNoRank;) {
        const std::size_t previous = merge_run(place);
        place = place_after(previous, place.at);
    }
    std::size_t kept = 0;
    for (std::size_t at = 0; at < links_.size(); at = links_[at].next) symbols_[kept++] = symbols_[at];
    symbols_.resize(kept);
}

// Merges the symbol there with the next one, and those after them as long as they are the same two: what is made of a
// token ranks above it, as vocabularies require, so these would be next. Returns the place of the symbol before, or
// that place where there is none.
std::size_t Merger::merge_run(RankQueue::Place place) {
    auto [at, made] = place;
    const std::size_t previous = at > 0 ? links_[at].previous : at;
    if (previous != at) queue_.set(previous, merges_.merged(symbols_[previous], made));
    std::size_t gone = merge_at(at, made), next = links_[at].next;
    if (comes_again(next, made)) {
        const TokenId twice = merges_.merged(made, made);
        for (; comes_again(next, made); next = links_[at].next) {
            queue_.set(at, twice);
            at = next;
            gone = merge_at(at, made);
        }
    }
    queue_.set(at, next < links_.size() ? merges_.merged(made, symbols_[next]) : kNoToken);
    queue_.settle(previous, gone);
    return previous;
}

// Whether the symbols there merge right after others into the same token, and none is hasty that is made of it: ranges
// of hasty tokens have no gaps, so the next rank tells.
bool Merger::comes_again(std::size_t at, TokenId made) const {
    return at < links_.size() && queue_.place(at).rank == made && !merges_.is_hasty(made, made + 1);
}

// Puts a token in the place of the symbol there and of the next one; returns where that was.
std::size_t Merger::merge_at(std::size_t at, TokenId made) {
    const std::size_t gone = links_[at].next, next = links_[gone].next;
    symbols_[at] = made;
    links_[at].next = static_cast<std::uint32_t>(next);
    if (next < links_.size()) links_[next].previous = static_cast<std::uint32_t>(at);
    queue_.set(gone, kNoToken);
    return gone;
}

// Where to merge when a token was just made at `at`, after `previous`.
RankQueue::Place Merger::place_after(std::size_t previous, std::size_t at) const {
    if (merges_.has_haste()) {
        const std::size_t lower = queue_.place(at).rank <= queue_.place(previous).rank ? at : previous;
        if (merges_.is_hasty(symbols_[at], queue_.place(lower).rank)) return queue_.place(lower);
    }
    return queue_.lowest();
}

// Two BPE results side by side are the BPE result of the joined text exactly if the two tokens that meet are what BPE
// makes of their own joined bytes. So a window is merged alone, its last tokens, which may depend on what follows, are
// given up, and the next window starts there; the boundary is then checked.
void Merger::merge_long(Bytes p, Bytes end) {
    std::size_t window = kFirstWindow;
    Bytes start = p;
    done_.clear();
    merge_window(start, window_end(start, end, window));
    current_.swap(symbols_);
    while (window_end(start, end, window) < end) {
        if (!join_next_window(start, end, window)) widen(start, end, window);
    }
    done_.insert(done_.end(), current_.begin(), current_.end());
}

// Moves `start` to a boundary in the current window and merges the window that begins there; false if no boundary was
// found.
bool Merger::join_next_window(Bytes& start, Bytes end, std::size_t window) {
    Bytes boundary = start;
    for (const TokenId rank : current_) boundary += vocabulary_.length(rank);
    std::size_t kept = current_.size();
    for (std::size_t dropped = 1; dropped < kMargin + kRetries && kept > 1; ++dropped) {
        boundary -= vocabulary_.length(current_[--kept]);
        if (dropped < kMargin) continue;
        merge_window(boundary, window_end(boundary, end, window));
        if (symbols_[0] != current_[kept] && !never_merge(current_[kept - 1], symbols_[0])) continue;
        done_.insert(done_.end(), current_.begin(), current_.begin() + static_cast<std::ptrdiff_t>(kept));
        current_.swap(symbols_);
        start = boundary;
        return true;
    }
    return false;
}

// Doubles the window. Its first token may change with it, so that boundaries before it may have to be undone.
void Merger::widen(Bytes& start, Bytes end, std::size_t& window) {
    TokenId first = current_[0];
    window *= 2;
    merge_window(start, window_end(start, end, window));
    while (!done_.empty() && symbols_[0] != first && !never_merge(done_.back(), symbols_[0])) {
        first = done_.back();
        start -= vocabulary_.length(first);
        done_.pop_back();
        merge_window(start, window_end(start, end, window));
    }
    current_.swap(symbols_);
}

// Whether BPE leaves these two tokens as they are when their bytes stand alone. Keeps symbols_.
bool Merger::never_merge(TokenId left, TokenId right) {
    pair_bytes_.assign(vocabulary_.text(left), vocabulary_.text(left) + vocabulary_.length(left));
    pair_bytes_.insert(pair_bytes_.end(), vocabulary_.text(right), vocabulary_.text(right) + vocabulary_.length(right));
    std::vector<TokenId> window;
    window.swap(symbols_);
    merge_window(pair_bytes_.data(), pair_bytes_.data() + pair_bytes_.size());
    const bool unmerged = symbols_.size() == 2 && symbols_[0] == left && symbols_[1] == right;
    symbols_.swap(window);
    return unmerged;
}

// End of the window that starts at `start`, moved back to a character boundary.
Bytes Merger::window_end(Bytes start, Bytes end, std::size_t window) const {
    if (static_cast<std::size_t>(end - start) <= window) return end;
    Bytes stop = start + window;
    while (unicode::is_continuation(*stop) && stop > start + 1) --stop;
    return stop;
}

}  // namespace ctxpack::bpe
