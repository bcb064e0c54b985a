#include "bpe/truncate.hpp"

#include <algorithm>
#include <ranges>

#include "bpe/offsets.hpp"
#include "split/seams.hpp"
#include "unicode/characters.hpp"

namespace ctxpack::bpe {
namespace {

using unicode::ceil_boundary;
using unicode::floor_boundary;

std::size_t bytes_of(const Encoding& encoding, std::ranges::input_range auto&& ids) {
    std::size_t bytes = 0;
    for (const TokenId id : ids) bytes += encoding.text(id).size();
    return bytes;
}

std::vector<TokenId> pretoken(const Encoding& encoding, std::string_view text, const Offsets& offsets, std::size_t at) {
    return encoding.encode(text.substr(offsets.start(at), offsets.start(at + 1) - offsets.start(at)));
}

// The number of the first pretoken for which `is` holds, where it does for all after it too.
std::size_t first_pretoken(const Offsets& offsets, auto is) {
    return *std::ranges::partition_point(std::views::iota(std::size_t{0}, offsets.pretokens() + 1),
                                         [&](std::size_t at) { return !is(at); });
}

// Both need a text of more tokens.
std::size_t end_of_head(const Encoding& encoding, std::string_view text, const Offsets& offsets, std::size_t tokens) {
    const std::size_t at =
        first_pretoken(offsets, [&](std::size_t i) { return offsets.tokens_before(i) > tokens; }) - 1;
    const auto ids = pretoken(encoding, text, offsets, at);
    const std::size_t more = tokens - offsets.tokens_before(at);
    std::size_t end = floor_boundary(text, offsets.start(at) + bytes_of(encoding, ids | std::views::take(more)));
    while (offsets.count(0, end) > tokens) end = floor_boundary(text, end - 1);
    for (;;) {
        const std::size_t next = ceil_boundary(text, end + 1);
        if (offsets.count(0, next) > tokens) return end;
        end = next;
    }
}

std::size_t start_of_tail(const Encoding& encoding, std::string_view text, const Offsets& offsets, std::size_t tokens) {
    const auto tokens_after = [&](std::size_t at) { return offsets.total() - offsets.tokens_before(at); };
    const std::size_t at = first_pretoken(offsets, [&](std::size_t i) { return tokens_after(i) <= tokens; });
    const auto ids = pretoken(encoding, text, offsets, at - 1);
    // By itself it may have fewer tokens, where a pattern that is run elsewhere looks back.
    const std::size_t more = std::min(tokens - tokens_after(at), ids.size());
    const auto last = std::ranges::subrange(ids.end() - static_cast<std::ptrdiff_t>(more), ids.end());
    std::size_t start = ceil_boundary(text, offsets.start(at) - bytes_of(encoding, last));
    while (offsets.count(start, text.size()) > tokens) start = ceil_boundary(text, start + 1);
    for (;;) {
        const std::size_t next = floor_boundary(text, start - 1);
        if (offsets.count(next, text.size()) > tokens) return start;
        start = next;
    }
}

// Bytes to look at first for that many tokens.
std::size_t first_window(std::size_t size, std::size_t tokens) {
    return std::min(size, 8 * std::min(size, tokens) + 64);
}

// Whether there is a seam after `from` and before `to`; nothing is known of a pattern that is not scanned here.
bool has_seam(const Encoding& encoding, std::string_view text, std::size_t from, std::size_t to) {
    const Bytes p = bytes(text);
    return encoding.scans() && split::next_seam(p + from, p + to, p + text.size()) < p + to;
}

// A window at the end or start of a text may have more tokens than all of the text: "ab" more than "abc". Not where a
// seam has too many on its one side, whatever is beyond it; both need a window of more tokens.

bool is_more_before_a_seam(const Encoding& encoding, std::string_view window, const Offsets& offsets,
                           std::size_t tokens) {
    const std::size_t at = first_pretoken(offsets, [&](std::size_t i) { return offsets.tokens_before(i) > tokens; });
    return has_seam(encoding, window, offsets.start(at), window.size());
}

bool is_more_after_a_seam(const Encoding& encoding, std::string_view window, const Offsets& offsets,
                          std::size_t tokens) {
    const std::size_t at =
        first_pretoken(offsets, [&](std::size_t i) { return offsets.total() - offsets.tokens_before(i) <= tokens; });
    return has_seam(encoding, window, 0, offsets.start(at - 1) + 1);
}

// Counts the text only where so few tokens could be as long.
bool has_no_more(const Encoding& encoding, std::string_view text, std::size_t tokens) {
    const std::size_t fewest = (text.size() + encoding.longest() - 1) / encoding.longest();
    return fewest <= tokens && encoding.count(text) <= tokens;
}

}  // namespace

std::size_t fit_head(const Encoding& encoding, std::string_view text, std::size_t tokens) {
    for (std::size_t room = first_window(text.size(), tokens);; room *= 2) {
        const std::string_view window = text.substr(0, floor_boundary(text, std::min(room, text.size())));
        const Offsets offsets(encoding, window);
        if (offsets.total() > tokens) {
            const bool is_sure = is_more_before_a_seam(encoding, window, offsets, tokens);
            if (!is_sure && has_no_more(encoding, text, tokens)) return text.size();
            return end_of_head(encoding, window, offsets, tokens);
        }
        if (window.size() == text.size()) return text.size();
    }
}

std::size_t fit_tail(const Encoding& encoding, std::string_view text, std::size_t tokens) {
    for (std::size_t room = first_window(text.size(), tokens);; room *= 2) {
        const std::size_t from = ceil_boundary(text, text.size() - std::min(room, text.size()));
        const std::string_view window = text.substr(from);
        const Offsets offsets(encoding, window);
        if (offsets.total() > tokens) {
            const bool is_sure = is_more_after_a_seam(encoding, window, offsets, tokens);
            if (!is_sure && has_no_more(encoding, text, tokens)) return 0;
            return from + start_of_tail(encoding, window, offsets, tokens);
        }
        if (from == 0) return 0;
    }
}

}  // namespace ctxpack::bpe
