#include "bpe/merge.hpp"

#include <algorithm>
#include <numeric>

#include "unicode/utf8.hpp"

namespace ctxpack::bpe {
namespace {

// A window costs time quadratic in its symbols, with a small constant: past this many bytes cutting is cheaper.
constexpr std::size_t kWhole = 192;
constexpr std::size_t kFirstWindow = 128;
// Tokens at the end of a window that are not trusted, and how many more are given back before the window is widened.
constexpr std::size_t kMargin = 2;
constexpr std::size_t kRetries = 6;

std::size_t lowest(const std::vector<TokenId>& ranks) {
    TokenId low = kNoToken;
    for (const TokenId rank : ranks) low = std::min(low, rank);
    return static_cast<std::size_t>(std::find(ranks.begin(), ranks.end(), low) - ranks.begin());
}

bool all_ascii(Bytes begin, Bytes end) {
    return std::all_of(begin, end, [](std::uint8_t byte) { return byte < 0x80; });
}

}  // namespace

const std::vector<TokenId>& Merger::merge(Bytes p, std::size_t size) {
    if (size > kWhole) {
        merge_long(p, p + size);
        return done_;
    }
    merge_window(p, p + size);
    return ids_;
}

void Merger::merge_window(Bytes begin, Bytes end) {
    all_ascii(begin, end) ? start_from_bytes(begin, end) : start_from_characters(begin, end);
    merge_symbols();
}

void Merger::start_from_bytes(Bytes begin, Bytes end) {
    const auto size = static_cast<std::size_t>(end - begin);
    ids_.resize(size);
    ranks_.resize(size);
    for (std::size_t i = 0; i < size; ++i) ids_[i] = vocabulary_.byte_id(begin[i]);
    for (std::size_t i = 0; i + 1 < size; ++i) ranks_[i] = vocabulary_.merged_bytes(begin[i], begin[i + 1]);
    ranks_[size - 1] = kNoToken;
}

void Merger::start_from_characters(Bytes begin, Bytes end) {
    ids_.clear();
    bool straddled = false;
    for (Bytes p = begin; p < end;) {
        const Bytes next = p + std::min<std::ptrdiff_t>(unicode::sequence_length(*p), end - p);
        const bool ascii = next == end || (*p | *next) < 0x80;
        const bool straddled_next = !ascii && vocabulary_.straddle().may_straddle(begin, next, end);
        const TokenId id = straddled || straddled_next ? kNoToken : character_id(p, next);
        if (id != kNoToken) {
            ids_.push_back(id);
        } else {
            for (Bytes byte = p; byte < next; ++byte) ids_.push_back(vocabulary_.byte_id(*byte));
        }
        straddled = straddled_next;
        p = next;
    }
    ranks_.resize(ids_.size());
    for (std::size_t i = 0; i < ids_.size(); ++i) rank(i);
}

// The token of the character [p, next), or kNoToken. A window may begin or end inside a character.
TokenId Merger::character_id(Bytes p, Bytes next) const {
    const auto size = next - p;
    const bool whole = size > 1 && std::all_of(p + 1, next, unicode::is_continuation);
    return whole && unicode::sequence_length(*p) == size ? vocabulary_.character_id(unicode::decode(p).point) : kNoToken;
}

void Merger::rank(std::size_t at) {
    ranks_[at] = at + 1 < ids_.size() ? vocabulary_.merged(ids_[at], ids_[at + 1]) : kNoToken;
}

// Always the lowest rank next, the leftmost of equals. Merges only make tokens younger than their halves, so ranks come
// in rising order and all pairs of one rank can be merged in one sweep.
void Merger::merge_symbols() {
    while (ids_.size() > 1) {
        const std::size_t at = lowest(ranks_);
        if (ranks_[at] == kNoToken) return;
        const bool repeated =
            at + 2 < ranks_.size() && ranks_[at + 2] == ranks_[at] && !vocabulary_.starts_haste(ranks_[at]);
        repeated ? merge_every(at) : merge_one(at);
    }
}

void Merger::merge_one(std::size_t at) {
    ids_[at] = ranks_[at];
    ids_.erase(ids_.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    ranks_.erase(ranks_.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    rank(at);
    if (at > 0) rank(at - 1);
    merge_hasty(at);
}

// Where the token just made at `at` has to go into another at once, makes that too.
void Merger::merge_hasty(std::size_t at) {
    const TokenId made = ids_[at];
    const auto next = [&](std::size_t i) { return vocabulary_.is_hasty(made, ranks_[i]) ? ranks_[i] : kNoToken; };
    const TokenId right = next(at), left = at > 0 ? next(at - 1) : kNoToken;
    if (right < left) merge_one(at);
    if (left < right) merge_one(at - 1);
}

// Merges every pair of the rank at `first`, from left to right, closing the gaps as it goes.
void Merger::merge_every(std::size_t first) {
    const TokenId made = ranks_[first];
    std::size_t to = first;
    for (std::size_t from = first; from < ids_.size(); ++to) {
        const bool merges = ranks_[from] == made;
        ids_[to] = merges ? made : ids_[from];
        ranks_[to] = ranks_[from];
        from += merges ? 2 : 1;
    }
    ids_.resize(to);
    ranks_.resize(to);
    for (std::size_t i = first > 0 ? first - 1 : 0; i < to; ++i) {
        if (ids_[i] == made || (i + 1 < to && ids_[i + 1] == made)) rank(i);
    }
}

// Two BPE results side by side are the BPE result of the joined text exactly if the two tokens that meet are what BPE
// makes of their own joined bytes. So a window is merged alone, its last tokens, which may depend on what follows, are
// given up, and the next window starts there; the seam is then checked.
void Merger::merge_long(Bytes p, Bytes end) {
    std::size_t window = kFirstWindow;
    Bytes start = p;
    done_.clear();
    merge_window(start, window_end(start, end, window));
    current_.swap(ids_);
    while (window_end(start, end, window) < end) {
        if (!join_next_window(start, end, window)) widen(start, end, window);
    }
    done_.insert(done_.end(), current_.begin(), current_.end());
}

// Moves `start` to a seam in the current window and merges the window that begins there; false if no seam was found.
bool Merger::join_next_window(Bytes& start, Bytes end, std::size_t window) {
    Bytes seam = start;
    for (const TokenId id : current_) seam += vocabulary_.length(id);
    std::size_t kept = current_.size();
    for (std::size_t dropped = 1; dropped < kMargin + kRetries && kept > 1; ++dropped) {
        seam -= vocabulary_.length(current_[--kept]);
        if (dropped < kMargin) continue;
        merge_window(seam, window_end(seam, end, window));
        if (ids_[0] != current_[kept] && !never_merge(current_[kept - 1], ids_[0])) continue;
        done_.insert(done_.end(), current_.begin(), current_.begin() + static_cast<std::ptrdiff_t>(kept));
        current_.swap(ids_);
        start = seam;
        return true;
    }
    return false;
}

// Doubles the window. Its first token may change with it, so that seams before it may have to be undone.
void Merger::widen(Bytes& start, Bytes end, std::size_t& window) {
    TokenId first = current_[0];
    window *= 2;
    merge_window(start, window_end(start, end, window));
    while (!done_.empty() && ids_[0] != first && !never_merge(done_.back(), ids_[0])) {
        first = done_.back();
        start -= vocabulary_.length(first);
        done_.pop_back();
        merge_window(start, window_end(start, end, window));
    }
    current_.swap(ids_);
}

// Whether BPE leaves these two tokens as they are when their bytes stand alone. Keeps ids_.
bool Merger::never_merge(TokenId left, TokenId right) {
    seam_.assign(vocabulary_.text(left), vocabulary_.text(left) + vocabulary_.length(left));
    seam_.insert(seam_.end(), vocabulary_.text(right), vocabulary_.text(right) + vocabulary_.length(right));
    std::vector<TokenId> window;
    window.swap(ids_);
    merge_window(seam_.data(), seam_.data() + seam_.size());
    const bool apart = ids_.size() == 2 && ids_[0] == left && ids_[1] == right;
    ids_.swap(window);
    return apart;
}

// End of the window that starts at `start`, moved back to a character boundary.
Bytes Merger::window_end(Bytes start, Bytes end, std::size_t window) const {
    if (static_cast<std::size_t>(end - start) <= window) return end;
    Bytes stop = start + window;
    while (unicode::is_continuation(*stop) && stop > start + 1) --stop;
    return stop;
}

}  // namespace ctxpack::bpe
