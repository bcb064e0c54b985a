// Parts of a text in any kind of encoding: spans, growing texts and cuts count as they do by themselves.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "encoding/encoding.hpp"
#include "unicode/characters.hpp"

namespace ctxpack::tests {

using Wanted = std::span<const SpecialNumber>;  // special tokens that stand for themselves

inline bool spans_hold(const Encoding& encoding, std::string_view text, Wanted wanted = {}) {
    const std::unique_ptr<Offsets> offsets = encoding.offsets(text, wanted);
    for (std::size_t cut = 0; cut <= text.size(); cut += 1 + text.size() / 8) {
        const std::size_t at = unicode::floor_boundary(text, cut);
        if (offsets->count(0, at) != encoding.count(text.substr(0, at), wanted)) return false;
        if (offsets->count(at, text.size()) != encoding.count(text.substr(at), wanted)) return false;
    }
    return offsets->count(0, text.size()) == encoding.count(text, wanted);
}

inline bool growth_holds(const Encoding& encoding, std::string_view text, Wanted wanted = {}) {
    const std::unique_ptr<Counter> counter = encoding.counter(wanted, {});
    for (std::size_t from = 0, to; from < text.size(); from = to) {
        to = unicode::ceil_boundary(text, std::min(text.size(), from + 1 + text.size() / 8));
        counter->append(text.substr(from, to - from));
        if (counter->copy()->count() != encoding.count(text.substr(0, to), wanted)) return false;
    }
    return counter->count() == encoding.count(text, wanted);
}

inline std::size_t specials_in(const Encoding& encoding, std::string_view text, Wanted wanted) {
    std::size_t found = 0;
    for (auto match = encoding.specials().find(text, 0, wanted); match; ++found) {
        match = encoding.specials().find(text, match->end, wanted);
    }
    return found;
}

// Both ends fit, and no special token comes about where they meet.
inline bool ends_hold(const Encoding& encoding, std::string_view text, std::size_t most, Wanted wanted,
                      Wanted refused) {
    const Ends ends = encoding.fit_ends(text, most, wanted, refused);
    const std::string head(text.substr(0, ends.head)), tail(text.substr(ends.tail));
    const Wanted none_new = wanted.empty() ? refused : wanted;
    return encoding.count(head + tail, wanted) <= most &&
           specials_in(encoding, head + tail, none_new) ==
               specials_in(encoding, head, none_new) + specials_in(encoding, tail, none_new);
}

inline bool cuts_hold(const Encoding& encoding, std::string_view text, std::size_t most, Wanted wanted) {
    return encoding.count(text.substr(0, encoding.fit_head(text, most, wanted)), wanted) <= most &&
           encoding.count(text.substr(encoding.fit_tail(text, most, wanted)), wanted) <= most &&
           ends_hold(encoding, text, most, wanted, {}) && ends_hold(encoding, text, most, {}, wanted);
}

inline std::string repeated(std::string_view text, std::size_t bytes) {
    std::string all;
    while (all.size() < bytes) all += text;
    return all;
}

// A text that comes again until it is long and grows, and until it has that many bytes, which is counted by stretches;
// now and then, for it takes long.
inline bool repeats_hold(const Encoding& encoding, std::string_view text, std::size_t bytes) {
    constexpr std::size_t kSeldom = 8, kLong = 1'000;
    if (text.empty() || text.size() % kSeldom != 0) return true;
    if (!growth_holds(encoding, repeated(text, kLong))) return false;
    const std::string long_text = repeated(text, bytes);
    const std::size_t expected = encoding.encode(long_text).size();
    const std::string_view all = long_text;
    return encoding.count(all) == expected && encoding.count(all) == expected &&
           encoding.count(all.substr(text.size())) == encoding.encode(all.substr(text.size())).size();
}

inline bool parts_hold(const Encoding& encoding, std::string_view text, Wanted wanted = {}) {
    const std::size_t total = encoding.count(text, wanted);
    for (const std::size_t most : {std::size_t{0}, std::size_t{1}, total / 2, total}) {
        if (!cuts_hold(encoding, text, most, wanted)) return false;
    }
    return spans_hold(encoding, text, wanted) && growth_holds(encoding, text, wanted);
}

}  // namespace ctxpack::tests
