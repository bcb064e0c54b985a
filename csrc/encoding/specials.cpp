#include "encoding/specials.hpp"

#include <algorithm>
#include <stdexcept>

#include "unicode/utf8.hpp"

namespace ctxpack {

Specials::Specials(std::span<const Special> specials) {
    for (const Special& special : specials) {
        if (special.text.empty()) throw std::invalid_argument("a special token is empty");
        // Else it could cut a character of a text in two.
        if (!unicode::is_valid(bytes(special.text), special.text.size())) {
            throw std::invalid_argument("a special token is not valid UTF-8");
        }
        const auto [added, is_new] = ids_.emplace(special.text, special.id);
        if (!is_new) throw std::invalid_argument("two special tokens are spelt alike");
        texts_.emplace(special.id, added->first);
    }
    index_texts();
}

std::vector<Special> Specials::all() const {
    std::vector<Special> all;
    for (const auto& [text, id] : ids_) all.push_back({id, text});
    return all;
}

// Sorts them by their texts, and finds the bytes that they begin with and each one's longest prefix: in order, all that
// begin with one stand right after it, so that one pass finds the prefixes.
void Specials::index_texts() {
    for (const auto& [text, id] : ids_) {
        sorted_.push_back({text, id, longest_prefix(text, sorted_.size())});
        starts_[static_cast<std::uint8_t>(text[0])] = true;
        longest_ = std::max(longest_, text.size());
    }
    const auto all_start_alike = [&](const Sorted& special) { return special.text[0] == sorted_[0].text[0]; };
    if (!sorted_.empty() && std::ranges::all_of(sorted_, all_start_alike)) start_ = sorted_[0].text[0];
}

// The place, counted from 1, of the last of the first `places` that the text begins with: the longest; 0 for none. They
// must include what stands just before the text in order: whatever it begins with, that one begins with, too.
std::size_t Specials::longest_prefix(std::string_view text, std::size_t places) const {
    while (places > 0 && !text.starts_with(sorted_[places - 1].text)) places = sorted_[places - 1].prefix;
    return places;
}

std::size_t Specials::next_start(std::string_view text, std::size_t from) const {
    if (start_) return text.find(*start_, from);
    while (from < text.size() && !starts_[static_cast<std::uint8_t>(text[from])]) ++from;
    return from;
}

std::optional<Specials::Match> Specials::find(std::string_view text, std::size_t from,
                                              std::span<const SpecialNumber> wanted) const {
    if (wanted.empty()) return std::nullopt;
    for (std::size_t at = next_start(text, from); at < text.size(); at = next_start(text, at + 1)) {
        const std::string_view rest = text.substr(at);
        const auto after = std::ranges::upper_bound(sorted_, rest, {}, &Sorted::text);
        const auto before = static_cast<std::size_t>(after - sorted_.begin());
        for (std::size_t place = longest_prefix(rest, before); place > 0; place = sorted_[place - 1].prefix) {
            const Sorted& special = sorted_[place - 1];
            if (std::ranges::find(wanted, place - 1) == wanted.end()) continue;
            return Match{at, at + special.text.size(), special.id};
        }
    }
    return std::nullopt;
}

std::size_t Specials::unfinished(std::string_view text, std::size_t from, std::span<const SpecialNumber> wanted) const {
    if (wanted.empty()) return text.size();
    const auto goes_on = [&](std::string_view end) {
        auto special = std::ranges::upper_bound(sorted_, end, {}, &Sorted::text);
        for (; special != sorted_.end() && special->text.starts_with(end); ++special) {
            const auto number = static_cast<SpecialNumber>(special - sorted_.begin());
            if (std::ranges::find(wanted, number) != wanted.end()) return true;
        }
        return false;
    };
    if (text.size() - from >= longest_) from = text.size() - longest_ + 1;
    std::size_t at = next_start(text, from);
    while (at < text.size() && !goes_on(text.substr(at))) at = next_start(text, at + 1);
    return std::min(at, text.size());
}

bool Specials::stands_across(std::string_view text, std::size_t at, std::span<const SpecialNumber> wanted) const {
    const std::string_view around = text.substr(0, at + longest_);
    std::size_t from = at - std::min(at, longest_);
    while (const auto match = find(around, from, wanted)) {
        if (match->begin >= at) return false;
        if (match->end > at) return true;
        from = match->begin + 1;
    }
    return false;
}

}  // namespace ctxpack
