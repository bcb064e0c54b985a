#include "sentencepiece/normalizer.hpp"

#include <cstring>

#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

// The reference stops at so many user-defined symbols that are beginnings of each other.
constexpr unsigned kMostMatches = 64;
constexpr std::uint8_t kLookCloser = 0x80;
// Bytes that are looked at together.
constexpr std::ptrdiff_t kBlock = 32;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string_view view(Bytes p, std::size_t size) { return {reinterpret_cast<const char*>(p), size}; }

}  // namespace

// The end of the normalised text; grows the buffer as it goes.
class Normalizer::Writer {
public:
    Writer(const Normalizer& owner, std::vector<std::uint8_t>& out)
        : owner_(owner), out_(out), after_space_(owner.tidies_) {}

    void put(std::uint8_t byte) { out_[size_++] = byte; }

    // Makes room for so many bytes and what follows the text.
    void reserve(std::size_t bytes) {
        if (out_.size() - size_ < bytes + kPadding) out_.resize(2 * out_.size() + bytes + kPadding);
    }

    // Copies characters that need no closer look; returns where it stopped.
    Bytes copy_plain(Bytes p, Bytes end) {
        while (end - p > kBlock) {
            if (!copy_block(p)) {
                const Bytes stop = p + kBlock;
                if ((p = copy_bytes(p, stop, end)) < stop) return p;
            }
        }
        return copy_bytes(p, end, end);
    }

    // Copies characters that are not ASCII and stay what they are; returns where it stopped.
    Bytes copy_points(Bytes p, Bytes end) {
        while (p < end && *p >= 0x80 && !unicode::is_continuation(*p)) {
            const unicode::Character found = unicode::decode(p);
            if (found.point >= kPoints || !owner_.plain_points_[found.point]) break;
            for (unsigned i = 0; i < found.length; ++i) put(*p++);
            after_space_ = false;
        }
        return p;
    }

    void append(std::string_view text) {
        while (after_space_ && text.starts_with(' ')) text.remove_prefix(1);
        if (text.empty()) return;
        after_space_ = owner_.tidies_ && text.ends_with(' ');
        while (!text.empty()) {
            const bool space = owner_.escapes_ && text.starts_with(kSpaceSymbol);
            put(static_cast<std::uint8_t>(space ? ' ' : text[0]));
            text.remove_prefix(space ? 3 : 1);
        }
    }

    void drop_spaces() {
        while (size_ > kPadding && out_[size_ - 1] == ' ') --size_;
    }

    void finish() {
        out_.resize(size_ + kPadding);
        std::memset(out_.data() + size_, 0, kPadding);
    }

private:
    // Copies kBlock bytes, and one more is there, if that is all there is to do.
    bool copy_block(Bytes& p) {
        std::uint8_t bad = (p[kBlock] & 0x80) | (after_space_ & (p[0] == ' '));
        for (int i = 0; i < kBlock; ++i) {
            bad |= (static_cast<std::uint8_t>(p[i] - owner_.lowest_) > owner_.range_) | (p[i] == owner_.odd_);
        }
        if (owner_.tidies_) {
            for (int i = 0; i + 1 < kBlock; ++i) bad |= (p[i] == ' ') & (p[i + 1] == ' ');
        }
        if (bad != 0) return false;
        std::memcpy(out_.data() + size_, p, kBlock);
        size_ += kBlock;
        p += kBlock;
        after_space_ = owner_.tidies_ && p[-1] == ' ';
        return true;
    }

    // The same byte by byte, up to `stop` at most.
    Bytes copy_bytes(Bytes p, Bytes stop, Bytes end) {
        std::uint8_t* to = out_.data() + size_;
        const bool tidies = owner_.tidies_;
        bool after_space = after_space_;
        for (; p < stop; ++p) {
            const std::uint8_t byte = owner_.plain_[*p];
            if (byte == kLookCloser || (p + 1 < end && p[1] >= 0x80)) break;
            *to = byte;
            to += !(after_space & (byte == ' '));
            after_space = tidies & (byte == ' ');
        }
        after_space_ = after_space;
        size_ = static_cast<std::size_t>(to - out_.data());
        return p;
    }

    const Normalizer& owner_;
    std::vector<std::uint8_t>& out_;
    std::size_t size_ = kPadding;
    bool after_space_;  // and so further spaces are dropped
};

Normalizer::Normalizer(const ModelData& data, const Pieces& pieces)
    : rules_(data.charsmap),
      symbols_(pieces.raw_symbols()),
      adds_space_(data.add_dummy_prefix),
      tidies_(data.remove_extra_whitespaces),
      escapes_(data.escape_whitespaces),
      suffix_(data.whitespace_as_suffix) {
    find_plain();
    find_plain_points();
}

void Normalizer::find_plain() {
    plain_.fill(kLookCloser);
    for (std::uint8_t byte = 0; byte < 0x80; ++byte) {
        bool alone = symbols_.first(byte) == Trie::kNone;
        for (std::uint8_t next = 0; next < 0x80; ++next) {
            const std::uint8_t both[] = {byte, next};
            alone = alone && !rules_.has_rule(both, both + 2);
        }
        if (!alone) continue;
        const std::string_view replacement = prefix(&byte, &byte + 1).replacement;
        if (replacement.size() == 1 && replacement[0] > 0) plain_[byte] = static_cast<std::uint8_t>(replacement[0]);
    }
    find_stretch();
}

void Normalizer::find_stretch() {
    const auto stays = [this](std::uint8_t byte) { return byte < 0x80 && (byte == odd_ || plain_[byte] == byte); };
    for (std::uint8_t byte = ' '; byte <= '~' && odd_ == kNone; ++byte) {
        if (!stays(byte)) odd_ = byte;
    }
    std::uint8_t highest = 'a';
    while (stays(static_cast<std::uint8_t>(lowest_ - 1))) --lowest_;
    while (stays(static_cast<std::uint8_t>(highest + 1))) ++highest;
    if (plain_['a'] == 'a') range_ = highest - lowest_;
}

// A character stays where no rule and no symbol begins with it.
void Normalizer::find_plain_points() {
    for (std::uint32_t point = 0x80; point < kPoints; ++point) {
        const std::uint8_t bytes[] = {static_cast<std::uint8_t>(0xE0 | point >> 12),
                                      static_cast<std::uint8_t>(0x80 | (point >> 6 & 0x3F)),
                                      static_cast<std::uint8_t>(0x80 | (point & 0x3F))};
        const std::uint8_t two[] = {static_cast<std::uint8_t>(0xC0 | point >> 6), bytes[2]};
        const Bytes begin = point < 0x800 ? two : bytes;
        const Bytes end = point < 0x800 ? two + 2 : bytes + 3;
        plain_points_[point] = symbols_.first(*begin) == Trie::kNone && !rules_.has_rule(begin, end);
    }
    if (escapes_) plain_points_[unicode::decode(reinterpret_cast<Bytes>(kSpaceSymbol)).point] = false;
}

Normalizer::Prefix Normalizer::prefix(Bytes p, Bytes end) const {
    if (!symbols_.empty()) {
        const std::size_t size = symbols_.longest(p, end, kMostMatches).size;
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

void Normalizer::normalise(std::string_view text, std::vector<std::uint8_t>& out) const {
    Bytes p = reinterpret_cast<Bytes>(text.data());
    const Bytes end = p + text.size();
    if (tidies_) p = skip_spaces(p, end);
    const auto left = static_cast<std::size_t>(end - p);
    out.resize(kPadding);
    std::memset(out.data(), 0, kPadding);
    Writer writer(*this, out);
    if (p < end) {
        writer.reserve(left + 2);
        if (adds_space_ && !suffix_) writer.put(' ');
        while ((p = writer.copy_points(writer.copy_plain(p, end), end)) < end) {
            if (plain_[*p] != kLookCloser && (p + 1 == end || p[1] < 0x80)) continue;
            const Prefix found = prefix(p, end);
            p += found.size;
            writer.reserve(found.replacement.size() + static_cast<std::size_t>(end - p) + 2);
            writer.append(found.replacement);
        }
        if (tidies_) writer.drop_spaces();
        if (adds_space_ && suffix_) writer.put(' ');
    }
    writer.finish();
}

}  // namespace ctxpack::sentencepiece
