#include "bpe/counter.hpp"

#include <algorithm>

#include "bpe/open.hpp"
#include "split/cursor.hpp"
#include "unicode/characters.hpp"

namespace ctxpack::bpe {
namespace {

// Bytes appended at a time, so that a sketch stays short.
constexpr std::size_t kChunk = 1 << 14;
// Pretokens up to this many bytes, and those that may be a token that no merge makes, are counted anew; longer ones
// keep their tokens.
constexpr std::size_t kRecounted = 256;
// Bytes of a sketch that is worth shortening.
constexpr std::size_t kLongSketch = 512;

std::size_t trailing_upper(std::string_view text) {
    std::size_t start = text.size();
    const Bytes p = bytes(text);
    while (start > 0) {
        const std::size_t before = unicode::floor_boundary(text, start - 1);
        if (split::look(p + before, p + start).is != split::Class::upper) break;
        start = before;
    }
    return start;
}

// Pretokens that end before this byte stay as they are whatever is appended.
std::size_t stable_end(std::string_view text) {
    std::size_t end = std::min(trailing_upper(text), trailing_open(text));
    for (std::size_t back = 1; back <= std::min<std::size_t>(text.size(), 2); ++back) {
        if (text[text.size() - back] == '\'') end = std::min(end, text.size() - back);
    }
    return end;
}

}  // namespace

void Counter::append(std::string_view text) {
    if (!is_sketched_) sketch_anew();
    is_sketched_ = false;
    while (!text.empty()) {
        const std::size_t size = unicode::floor_boundary(text, std::min(text.size(), kChunk));
        take(text.substr(0, size));
        text.remove_prefix(size);
    }
    is_sketched_ = true;
}

void Counter::sketch_anew() {
    sketch_ = Sketch();
    sketch_.append(tail_);
    long_.clear();
}

void Counter::take(std::string_view text) {
    tail_ += text;
    sketch_.append(text);
    std::vector<std::uint32_t> ends = encoding_->split(sketch_.text());
    const std::size_t settled = settle(ends);
    const std::size_t boundary = settled > 0 ? ends[settled - 1] : 0;
    forget(boundary);
    ends.erase(ends.begin(), ends.begin() + static_cast<std::ptrdiff_t>(settled));
    for (std::uint32_t& end : ends) end -= static_cast<std::uint32_t>(boundary);
    count_tail(ends);
}

// How many of the sketch's pretokens can be settled.
std::size_t Counter::settle(const std::vector<std::uint32_t>& ends) {
    const std::string_view text = sketch_.text();
    const std::size_t stable = stable_end(text);
    auto settled = static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), stable) - ends.begin());
    for (; settled > 0; --settled) {
        const std::size_t begin = settled > 1 ? ends[settled - 2] : 0;
        if (!is_open(text.substr(begin, ends[settled - 1] - begin))) break;
    }
    return settled;
}

// Counts what is before a boundary of the sketch for good.
void Counter::forget(std::size_t boundary) {
    if (boundary == 0) return;
    const std::size_t size = sketch_.place(boundary);
    settled_ += encoding_->count(std::string_view(tail_).substr(0, size));
    tail_.erase(0, size);
    sketch_.drop(boundary);
    std::erase_if(long_, [&](const Long& pretoken) { return pretoken.start < size; });
    for (Long& pretoken : long_) pretoken.start -= size;
}

void Counter::count_tail(const std::vector<std::uint32_t>& ends) {
    tail_tokens_ = 0;
    std::size_t begin = 0;
    for (const std::uint32_t boundary : ends) {
        const std::size_t end = sketch_.place(boundary);
        tail_tokens_ += count_pretoken(begin, end);
        begin = end;
    }
    if (sketch_.text().size() > kLongSketch) sketch_.shorten(ends);
}

std::size_t Counter::count_pretoken(std::size_t begin, std::size_t end) {
    const std::string_view pretoken = std::string_view(tail_).substr(begin, end - begin);
    if (pretoken.size() <= std::max(kRecounted, encoding_->longest_whole())) return encoding_->count(pretoken);
    auto found = std::find_if(long_.begin(), long_.end(), [&](const Long& known) { return known.start == begin; });
    if (found == long_.end()) found = long_.insert(found, {begin, {}});
    return found->tokens.resize(*encoding_, pretoken);
}

}  // namespace ctxpack::bpe
