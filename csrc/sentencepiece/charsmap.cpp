#include "sentencepiece/charsmap.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

static_assert(std::endian::native == std::endian::little, "the trie is stored in little-endian words");

// The reference stops at that many keys that are beginnings of each other.
constexpr unsigned kMostMatches = 32;
// Bytes of a key. Those of NFKC have at most 12; from every place of a text a walk may take as many steps.
constexpr std::size_t kLongestKey = 1024;
// Second characters of rules. Those of NFKC have 1,596; units that keys share may hold any number of them.
constexpr std::size_t kMostNext = 1 << 16;

using Unit = std::uint32_t;

bool has_leaf(Unit unit) { return (unit >> 8 & 1) == 1; }
std::uint32_t value(Unit unit) { return unit & 0x7FFFFFFF; }
// Above 0xFF for a leaf, which holds a value.
std::uint32_t label(Unit unit) { return unit & 0x800000FF; }
std::size_t offset(Unit unit) { return static_cast<std::size_t>(unit >> 10) << ((unit & 0x200) >> 6); }

// How many bytes the longest key goes on for after each unit of a trie. Keys may share units, so each is visited once.
class Heights {
public:
    Heights(const std::vector<Unit>& units, std::size_t most)
        : units_(units), most_(most), known_(units.size(), kNew) {}

    // The longest continuation below the node whose children are at `at`, `depth` bytes from the root; nothing if the
    // two are more than `most` together, or the trie goes in circles.
    std::optional<std::size_t> under(std::size_t at, std::size_t depth) {
        if (depth > most_) return std::nullopt;
        std::size_t highest = 0;
        for (std::uint32_t byte = 1; byte <= 0xFF; ++byte) {
            const std::size_t child = at ^ byte;
            if (label(units_[child]) != byte) continue;
            const std::optional<std::size_t> height = height_of(child, depth + 1);
            if (!height) return std::nullopt;
            highest = std::max(highest, *height + 1);
        }
        return depth + highest <= most_ ? std::optional(highest) : std::nullopt;
    }

private:
    static constexpr std::uint32_t kNew = 0xFFFFFFFF, kOpen = 0xFFFFFFFE;

    std::optional<std::size_t> height_of(std::size_t unit, std::size_t depth) {
        if (known_[unit] == kOpen) return std::nullopt;
        if (known_[unit] != kNew) return known_[unit];
        known_[unit] = kOpen;
        const std::optional<std::size_t> height = under(unit ^ offset(units_[unit]), depth);
        if (height) known_[unit] = static_cast<std::uint32_t>(*height);
        return height;
    }

    const std::vector<Unit>& units_;
    std::size_t most_;
    std::vector<std::uint32_t> known_;
};

}  // namespace

Charsmap::Charsmap(std::string_view blob) {
    if (blob.empty()) return;
    Unit size = 0;
    if (blob.size() > sizeof size) std::memcpy(&size, blob.data(), sizeof size);
    if (size < 1024 || size % 1024 != 0 || size >= blob.size() - sizeof size) {
        throw std::invalid_argument("its character rules are damaged: their trie has a wrong size");
    }
    units_.resize(size / sizeof(Unit));
    std::memcpy(units_.data(), blob.data() + sizeof size, size);
    replacements_ = blob.substr(sizeof size + size);
    check_replacements();
    check_units();
    find_longest_key();
}

void Charsmap::check_replacements() const {
    const Bytes text = bytes(replacements_);
    if (replacements_.back() != '\0' || !unicode::is_valid(text, replacements_.size())) {
        throw std::invalid_argument("its character rules are damaged: the replacements are cut short or not UTF-8");
    }
}

// After this no walk leaves the array, and every value is the place of a character.
void Charsmap::check_units() const {
    bool good = label(units_[0]) == 0 && !has_leaf(units_[0]) && offset(units_[0]) != 0;
    for (std::size_t i = 0; i < units_.size() && good; ++i) {
        const Unit unit = units_[i];
        if (label(unit) > 0xFF) {
            good = value(unit) < replacements_.size() &&
                   !unicode::is_continuation(static_cast<std::uint8_t>(replacements_[value(unit)]));
        } else {
            const std::size_t child = i ^ offset(unit);
            good = (child | 0xFF) < units_.size() && !(has_leaf(unit) && label(units_[child]) <= 0xFF);
        }
    }
    if (!good) throw std::invalid_argument("its character rules are damaged: their trie points outside");
}

// After this only null characters, which no key has, may lead a walk on without end.
void Charsmap::find_longest_key() {
    const std::optional<std::size_t> found = Heights(units_, kLongestKey).under(offset(units_[0]), 0);
    if (!found) {
        throw std::invalid_argument(
            "its character rules are damaged: their trie goes in circles or is over 1024 bytes deep");
    }
    longest_key_ = *found;
}

Charsmap::Match Charsmap::longest(Bytes p, Bytes end) const {
    if (empty()) return {};
    std::size_t size = 0;
    std::uint32_t found = 0;
    unsigned matches = 0;
    std::size_t at = offset(units_[0]);
    const Bytes last = p + std::min(static_cast<std::size_t>(end - p), kLongestKey);
    for (Bytes q = p; q < last && matches < kMostMatches; ++q) {
        at ^= *q;
        const Unit unit = units_[at];
        if (label(unit) != *q) break;
        at ^= offset(unit);
        if (!has_leaf(unit)) continue;
        size = static_cast<std::size_t>(q + 1 - p);
        found = value(units_[at]);
        ++matches;
    }
    return {size, size > 0 ? std::string_view(replacements_.data() + found) : std::string_view()};
}

std::optional<std::size_t> Charsmap::children(Bytes p, Bytes end) const {
    if (empty()) return std::nullopt;
    std::size_t at = offset(units_[0]);
    for (; p < end; ++p) {
        at ^= *p;
        if (label(units_[at]) != *p) return std::nullopt;
        at ^= offset(units_[at]);
    }
    return at;
}

bool Charsmap::has_rule(Bytes p, Bytes end) const { return children(p, end).has_value(); }

bool Charsmap::has_longer_rule(Bytes p, Bytes end) const {
    const std::optional<std::size_t> at = children(p, end);
    for (std::uint32_t byte = 1; at && byte <= 0xFF; ++byte) {
        if (label(units_[*at ^ byte]) == byte) return true;
    }
    return false;
}

bool Charsmap::add_next(Bytes p, Bytes end, std::vector<std::uint32_t>& points) const {
    const std::optional<std::size_t> at = children(p, end);
    return !at || add_characters(*at, {}, points);
}

// Of characters that begin with that text, whose children are at `at`; false also where there are none, so that no time
// is lost without any that are added.
bool Charsmap::add_characters(std::size_t at, const std::string& text, std::vector<std::uint32_t>& points) const {
    bool has_any = false;
    for (std::uint32_t byte = 1; byte <= 0xFF; ++byte) {
        const Unit unit = units_[at ^ byte];
        if (label(unit) != byte) continue;
        const std::string longer = text + static_cast<char>(byte);
        const std::uint8_t lead = *bytes(longer);
        if (lead < 0xC0 || lead >= 0xF0) return false;
        if (longer.size() == unicode::sequence_length(lead)) {
            if (points.size() == kMostNext) return false;
            points.push_back(unicode::decode(bytes(longer)).point);
        } else if (has_leaf(unit) || !add_characters(at ^ byte ^ offset(unit), longer, points)) {
            return false;
        }
        has_any = true;
    }
    return has_any;
}

}  // namespace ctxpack::sentencepiece
