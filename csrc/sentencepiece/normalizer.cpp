#include "sentencepiece/normalizer.hpp"

#include <algorithm>
#include <cstring>

#include "sentencepiece/space_symbol.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

// The end of the normalized text; grows the buffer as it goes.
class Normalizer::Writer {
public:
    Writer(const Normalizer& owner, bool after_space, std::vector<std::uint8_t>& out)
        : owner_(owner), out_(out), end_{out.data() + kPadding, after_space} {}

    void put(std::uint8_t byte) { *end_.to++ = byte; }

    // Makes room for that many bytes and what follows the text.
    void reserve(std::size_t bytes) {
        const std::size_t size = this->size();
        if (out_.size() - size >= bytes + kPadding) return;
        out_.resize(2 * out_.size() + bytes + kPadding);
        end_.to = out_.data() + size;
    }

    // Copies characters that need no closer look; returns where it stopped.
    Bytes copy(Bytes p, Bytes end) {
        if (p < end && *p < 0x80) p = owner_.copy_(owner_.plain_, p, end, end_);
        if (p == end || unicode::is_continuation(*p)) return p;
        return owner_.copy_non_ascii_(owner_.plain_, owner_.non_ascii_, p, end, end_);
    }

    void append(std::string_view text) {
        while (end_.after_space && text.starts_with(' ')) text.remove_prefix(1);
        if (text.empty()) return;
        end_.after_space = owner_.plain_.tidies && text.ends_with(' ');
        while (!text.empty()) {
            const bool space = owner_.escapes_ && text.starts_with(kSpaceSymbol);
            put(static_cast<std::uint8_t>(space ? ' ' : text[0]));
            text.remove_prefix(space ? kSpaceSymbol.size() : 1);
        }
    }

    void drop_spaces() {
        while (size() > kPadding && end_.to[-1] == ' ') --end_.to;
    }

    void finish() {
        out_.resize(size() + kPadding);
        std::memset(out_.data() + out_.size() - kPadding, 0, kPadding);
    }

private:
    std::size_t size() const { return static_cast<std::size_t>(end_.to - out_.data()); }

    const Normalizer& owner_;
    std::vector<std::uint8_t>& out_;
    CopyEnd end_;
};

Normalizer::Normalizer(const ModelData& data, const Pieces& pieces)
    : rules_(data.charsmap),
      user_defined_(pieces.raw_user_defined()),
      adds_space_(data.add_dummy_prefix),
      escapes_(data.escape_whitespaces),
      suffix_(data.whitespace_as_suffix),
      copy_(copy_for(cpu::best_level())),
      copy_non_ascii_(copy_non_ascii_for(cpu::best_level())) {
    plain_.tidies = data.remove_extra_whitespaces;
    for (const auto& key : pieces.raw_user_defined())
        longest_user_defined_ = std::max(longest_user_defined_, key.first.size());
    find_plain();
    plain_.find_range();
    find_points();
    find_leads();
}

void Normalizer::find_plain() {
    plain_.bytes.fill(CopyTable::kLookCloser);
    for (std::uint8_t byte = 0; byte < 0x80; ++byte) {
        bool alone = user_defined_.first(byte) == Trie::kNone;
        for (std::uint8_t next = 0; next < 0x80; ++next) {
            const std::uint8_t both[] = {byte, next};
            alone = alone && !rules_.has_rule(both, both + 2);
        }
        if (!alone) continue;
        const std::string_view replacement = prefix(&byte, &byte + 1).replacement;
        if (replacement.size() != 1 || replacement[0] <= 0) continue;
        plain_.bytes[byte] = static_cast<std::uint8_t>(replacement[0]);
    }
}

void Normalizer::find_points() {
    std::vector<std::uint32_t> joining;
    for (std::uint32_t point = 0x80; point < NonAsciiTable::kPoints; ++point) {
        const std::uint8_t bytes[] = {static_cast<std::uint8_t>(0xE0 | point >> 12),
                                      static_cast<std::uint8_t>(0x80 | (point >> 6 & 0x3F)),
                                      static_cast<std::uint8_t>(0x80 | (point & 0x3F))};
        const std::uint8_t two[] = {static_cast<std::uint8_t>(0xC0 | point >> 6), bytes[2]};
        non_ascii_.points[point] =
            point < 0x800 ? this->point(two, two + 2, joining) : this->point(bytes, bytes + 3, joining);
    }
    if (escapes_) non_ascii_.points[unicode::decode(bytes(kSpaceSymbol)).point] = NonAsciiTable::kLookCloser;
    for (const std::uint32_t point : joining) join(point);
}

void Normalizer::find_leads() {
    for (unsigned lead = 0xC0; lead <= 0xFF; ++lead) {
        const auto byte = static_cast<std::uint8_t>(lead);
        const bool ruled = user_defined_.first(byte) != Trie::kNone || rules_.has_rule(&byte, &byte + 1);
        const bool space = escapes_ && byte == *bytes(kSpaceSymbol);
        std::uint8_t& kinds = non_ascii_.leads[lead & 0x3F];
        if (!(ruled || space || non_ascii_.has(NonAsciiTable::kSomeJoin, byte))) kinds |= NonAsciiTable::kAllStay;
        for (std::uint8_t ascii = 0; ascii < 0x80; ++ascii) {
            const std::uint8_t both[] = {ascii, byte};
            if (rules_.has_rule(both, both + 2)) kinds |= NonAsciiTable::kFollows;
        }
    }
}

void Normalizer::join(std::uint32_t point) {
    std::uint8_t& kind = non_ascii_.points[point];
    kind = (kind < NonAsciiTable::kStays ? NonAsciiTable::kLookCloser : kind) | NonAsciiTable::kJoins;
    const std::uint32_t lead = point < 0x800 ? point >> 6 : 0x20 | point >> 12;
    non_ascii_.leads[lead] |= NonAsciiTable::kSomeJoin;
}

// A character stays where no rule and no user-defined piece begins with it, and no rule is for its first bytes alone.
// Adds those that may join it to `joining`.
std::uint8_t Normalizer::point(Bytes begin, Bytes end, std::vector<std::uint32_t>& joining) const {
    constexpr std::uint8_t kLookCloser = NonAsciiTable::kLookCloser;
    if (user_defined_.first(*begin) != Trie::kNone) return kLookCloser;
    const Charsmap::Match rule = rules_.longest(begin, end);
    if (rule.size == 0) {
        if (!rules_.has_rule(begin, end)) return NonAsciiTable::kStays;
        return rules_.add_next(begin, end, joining) ? NonAsciiTable::kStaysUnjoined : kLookCloser;
    }
    if (rule.size != static_cast<std::size_t>(end - begin) || rule.replacement.size() != 1) return kLookCloser;
    const auto becomes = static_cast<std::uint8_t>(rule.replacement[0]);
    return becomes > ' ' && !rules_.has_longer_rule(begin, end) ? becomes : kLookCloser;
}

Normalizer::Prefix Normalizer::prefix(Bytes p, Bytes end) const {
    if (!user_defined_.empty()) {
        const std::size_t size = user_defined_.longest(p, end).size;
        if (size > 0) return {view(p, size), size};
    }
    const Charsmap::Match rule = rules_.longest(p, end);
    if (rule.size > 0) return {rule.replacement, rule.size};
    // Inside a character stands only what a rule for its beginning left over.
    if (unicode::is_continuation(*p)) return {kReplacement, 1};
    const std::size_t size = unicode::sequence_length(*p);
    return {view(p, size), size};
}

Bytes Normalizer::skip_spaces(Bytes p, Bytes end) const {
    while (p < end) {
        const Prefix found = prefix(p, end);
        if (found.replacement != " ") break;
        p += found.size;
    }
    return p;
}

std::size_t Normalizer::longest_prefix() const { return std::max(rules_.longest_key(), longest_user_defined_); }

void Normalizer::normalize(std::string_view text, Edges edges, std::vector<std::uint8_t>& out) const {
    Bytes p = bytes(text);
    const Bytes end = p + text.size();
    if (plain_.tidies && edges.first) p = skip_spaces(p, end);
    const auto left = static_cast<std::size_t>(end - p);
    out.assign(kPadding, 0);
    Writer writer(*this, plain_.tidies && edges.first, out);
    if (p < end) {
        writer.reserve(left + 2);
        if (adds_space_ && !suffix_ && edges.first) writer.put(' ');
        while ((p = writer.copy(p, end)) < end) {
            if (is_plain(p, end)) continue;
            const Prefix found = prefix(p, end);
            p += found.size;
            writer.reserve(found.replacement.size() + static_cast<std::size_t>(end - p) + 2);
            writer.append(found.replacement);
        }
        if (plain_.tidies && edges.last) writer.drop_spaces();
        if (adds_space_ && suffix_ && edges.last) writer.put(' ');
    }
    writer.finish();
}

}  // namespace ctxpack::sentencepiece
