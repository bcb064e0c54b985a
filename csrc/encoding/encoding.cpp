#include "encoding/encoding.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <system_error>

#include "encoding/normalizing_counter.hpp"
#include "encoding/special_counter.hpp"
#include "encoding/special_offsets.hpp"
#include "unicode/nfc.hpp"

namespace ctxpack {
namespace {

// Leaves the other threads of a batch nothing to do when one ends, which may be by an exception.
struct LeaveNothing {
    ~LeaveNothing() { next = size; }

    std::atomic<std::size_t>& next;
    std::size_t size;
};

// Calls work(0) .. work(size - 1) on up to `threads` threads, or as many as the system gives.
template <class Work>
void for_each(std::size_t size, std::size_t threads, Work work) {
    std::atomic<std::size_t> next = 0;
    const auto run = [&] {
        const LeaveNothing at_end{next, size};
        for (std::size_t i = next++; i < size; i = next++) work(i);
    };
    std::vector<std::future<void>> helpers;
    try {
        for (std::size_t i = 1; i < std::min(threads, size); ++i)
            helpers.push_back(std::async(std::launch::async, run));
    } catch (const std::system_error&) {
        // This thread does what others would have done.
    }
    run();
    for (auto& helper : helpers) helper.get();
}

}  // namespace

// Calls on_text with the text before, between and after the wanted special tokens, in normal form, and on_special with
// each of these, in order.
template <class OnText, class OnSpecial>
void Encoding::walk_between(std::string_view text, std::span<const SpecialNumber> wanted, OnText on_text,
                            OnSpecial on_special) const {
    std::string held;
    const auto on_part = [&](std::string_view part) { on_text(normalizes_first_ ? part : normal(part, held)); };
    std::size_t from = 0;
    while (const auto match = specials_.find(text, from, wanted)) {
        on_part(text.substr(from, match->begin - from));
        on_special(*match);
        from = match->end;
    }
    on_part(text.substr(from));
}

std::size_t Encoding::count_between(std::string_view text, std::span<const SpecialNumber> wanted) const {
    std::size_t total = 0;
    walk_between(
        text, wanted, [&](std::string_view part) { total += count(part); }, [&](const Specials::Match&) { ++total; });
    return total;
}

std::vector<TokenId> Encoding::encode_between(std::string_view text, std::span<const SpecialNumber> wanted) const {
    std::vector<TokenId> ids;
    const auto add = [&](std::string_view part) {
        const std::vector<TokenId> more = encode(part);
        ids.insert(ids.end(), more.begin(), more.end());
    };
    walk_between(text, wanted, add, [&](const Specials::Match& match) { ids.push_back(match.id); });
    return ids;
}

std::string Encoding::normal_between(std::string_view text, std::span<const SpecialNumber> wanted) const {
    std::string all;
    walk_between(
        text, wanted, [&](std::string_view part) { all += part; },
        [&](const Specials::Match& match) { all += text.substr(match.begin, match.end - match.begin); });
    return all;
}

std::unique_ptr<Offsets> Encoding::offsets(std::string_view text, std::span<const SpecialNumber> wanted) const {
    if (wanted.empty()) return offsets(text);
    return std::make_unique<SpecialOffsets>(*this, text, wanted);
}

std::unique_ptr<Counter> Encoding::counter(std::span<const SpecialNumber> wanted,
                                           std::span<const SpecialNumber> refused) const {
    const auto part = [this] { return normalizes_first_ ? counter() : normalizing(counter()); };
    std::unique_ptr<Counter> all;
    if (!wanted.empty()) {
        all = std::make_unique<SpecialCounter>(specials_, wanted, part);
    } else if (!refused.empty()) {
        all = std::make_unique<RefusingCounter>(specials_, refused, part());
    } else {
        all = part();
    }
    return normalizes_first_ ? normalizing(std::move(all)) : std::move(all);
}

std::unique_ptr<Counter> Encoding::normalizing(std::unique_ptr<Counter> counter) const {
    if (!normalize_) return counter;
    return std::make_unique<NormalizingCounter>(normalize_, std::move(counter));
}

std::vector<std::size_t> Encoding::count_batch(std::span<const std::string_view> texts,
                                               std::span<const SpecialNumber> wanted, std::size_t threads) const {
    std::vector<std::size_t> counts(texts.size());
    for_each(texts.size(), threads, [&](std::size_t i) { counts[i] = count(texts[i], wanted); });
    return counts;
}

std::vector<std::vector<TokenId>> Encoding::encode_batch(std::span<const std::string_view> texts,
                                                         std::span<const SpecialNumber> wanted,
                                                         std::size_t threads) const {
    std::vector<std::vector<TokenId>> ids(texts.size());
    for_each(texts.size(), threads, [&](std::size_t i) { ids[i] = encode(texts[i], wanted); });
    return ids;
}

std::size_t Encoding::fit_head(std::string_view text, std::size_t tokens, std::span<const SpecialNumber> wanted) const {
    std::size_t from = 0;
    while (const auto match = specials_.find(text, from, wanted)) {
        const std::string_view part = text.substr(from, match->begin - from);
        if (const std::size_t end = fit_head(part, tokens); end < part.size()) return from + end;
        tokens -= count(part);
        if (tokens == 0) return match->begin;
        --tokens;
        from = match->end;
    }
    return from + fit_head(text.substr(from), tokens);
}

std::size_t Encoding::fit_tail(std::string_view text, std::size_t tokens, std::span<const SpecialNumber> wanted) const {
    std::vector<Specials::Match> matches;
    std::size_t from = 0;
    while (const auto match = specials_.find(text, from, wanted)) {
        matches.push_back(*match);
        from = match->end;
    }
    std::size_t end = text.size();
    for (; !matches.empty(); matches.pop_back()) {
        const Specials::Match& match = matches.back();
        const std::string_view part = text.substr(match.end, end - match.end);
        if (const std::size_t begin = fit_tail(part, tokens); begin > 0) return match.end + begin;
        tokens -= count(part);
        if (tokens == 0) return match.end;
        --tokens;
        end = match.begin;
    }
    return fit_tail(text.substr(0, end), tokens);
}

Ends Encoding::fit_ends(std::string_view text, std::size_t tokens, std::span<const SpecialNumber> wanted,
                        std::span<const SpecialNumber> refused) const {
    if (fit_head(text, tokens, wanted) == text.size()) return {text.size(), text.size()};
    const std::size_t head = fit_head(text, tokens - tokens / 2, wanted);
    for (std::size_t rest = tokens - count(text.substr(0, head), wanted); rest > 0; --rest) {
        std::size_t tail = head + fit_tail(text.substr(head), rest, wanted);
        // A mark would join the head.
        if (normalize_) tail += unicode::first_plain(text.substr(tail));
        const std::string joined = std::string(text.substr(0, head)) + std::string(text.substr(tail));
        if (specials_.stands_across(joined, head, refused.empty() ? wanted : refused)) continue;
        if (count(joined, wanted) <= tokens) return {head, tail};
    }
    return {head, text.size()};
}

}  // namespace ctxpack
