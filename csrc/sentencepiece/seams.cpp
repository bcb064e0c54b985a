#include "sentencepiece/seams.hpp"

#include <algorithm>
#include <array>

#include "sentencepiece/space_symbol.hpp"
#include "unicode/characters.hpp"

namespace ctxpack::sentencepiece {
namespace {

// Looking back further at every place would take too long.
constexpr std::size_t kWidest = 256;
constexpr std::size_t kLongestCharacter = 4;

}  // namespace

Seams::Seams(const Normalizer& normalizer, const Splitter& splitter, bool cuttable)
    : normalizer_(normalizer),
      splitter_(splitter),
      cuttable_(cuttable && normalizer.longest_prefix() <= kWidest),
      window_(std::max(normalizer.longest_prefix(), kLongestCharacter)) {}

std::size_t Seams::next(std::string_view text, std::size_t from, std::size_t limit) const {
    if (!cuttable_) return limit;
    std::size_t at = unicode::ceil_boundary(text, std::min(from, text.size()));
    while (at < limit && !is_seam(text, at)) at = unicode::ceil_boundary(text, at + 1);
    return at;
}

std::size_t Seams::previous(std::string_view text, std::size_t from, std::size_t floor) const {
    return previous(text, from, floor, [&](std::size_t at) { return is_seam(text, at); });
}

std::size_t Seams::previous_joint(std::string_view text, std::size_t from, std::size_t floor) const {
    return previous(text, from, floor, [&](std::size_t at) { return is_joint(text, at); });
}

template <class Test>
std::size_t Seams::previous(std::string_view text, std::size_t from, std::size_t floor, Test test) const {
    if (!cuttable_) return floor;
    for (std::size_t at = from; at > floor; --at) {
        if (at < text.size() && unicode::floor_boundary(text, at) == at && test(at)) return at;
    }
    return floor;
}

bool Seams::is_seam(std::string_view text, std::size_t at) const {
    return may_cut(text, at, [this](Bytes p) { return splitter_.starts_word(p); });
}

bool Seams::is_joint(std::string_view text, std::size_t at) const {
    return may_cut(text, at, [](Bytes) { return true; });
}

// `starts_word` is asked about the first character after the place, with the last one before it in front.
template <class StartsWord>
bool Seams::may_cut(std::string_view text, std::size_t at, StartsWord starts_word) const {
    if (at == 0) return false;
    const Bytes begin = bytes(text), end = begin + text.size(), p = begin + at;
    const Bytes before = begin + unicode::floor_boundary(text, at - 1);
    const std::optional<std::string_view> left = replacement(before, p, end);
    if (!left) return false;
    const std::optional<std::string_view> right = replacement(p, p + unicode::sequence_length(*p), end);
    return right && may_part(*left, *right, starts_word) && !is_crossed(begin, before, p, end);
}

// What becomes of the character in [p, next), if it is replaced alone and by something.
std::optional<std::string_view> Seams::replacement(Bytes p, Bytes next, Bytes end) const {
    const Normalizer::Prefix found = normalizer_.prefix(p, end);
    if (p + found.size != next || found.replacement.empty()) return std::nullopt;
    return found.replacement;
}

// Whether what they become may be cut between them.
template <class StartsWord>
bool Seams::may_part(std::string_view left, std::string_view right, StartsWord starts_word) const {
    const std::string_view last = left.substr(unicode::floor_boundary(left, left.size() - 1));
    const std::string_view first = right.substr(0, unicode::sequence_length(static_cast<std::uint8_t>(right[0])));
    std::array<std::uint8_t, 2 * kLongestCharacter> both{};
    std::uint8_t* const middle = append(last, both.data());
    append(first, middle);
    const bool spaces = middle[-1] == ' ' && middle[0] == ' ';
    return !(spaces && normalizer_.tidies()) && starts_word(middle);
}

// Writes a character as normalized text holds it.
std::uint8_t* Seams::append(std::string_view character, std::uint8_t* to) const {
    if (normalizer_.escapes() && character == kSpaceSymbol) character = " ";
    return std::copy(character.begin(), character.end(), to);
}

// Whether something that starts before either of two places may be replaced together with what is after it. A null
// character is one to the reference's tables too, which may walk on there.
bool Seams::is_crossed(Bytes begin, Bytes before, Bytes at, Bytes end) const {
    const Bytes from = at - std::min(static_cast<std::size_t>(at - begin), window_ + kLongestCharacter);
    for (Bytes p = from; p < at; ++p) {
        if (*p == 0) return true;
        if (normalizer_.is_plain(p, end)) continue;
        if (p + normalizer_.prefix(p, end).size > (p < before ? before : at)) return true;
    }
    return false;
}

}  // namespace ctxpack::sentencepiece
