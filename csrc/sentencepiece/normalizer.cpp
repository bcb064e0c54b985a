#include "sentencepiece/normalizer.hpp"

#include <cstring>

#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

// The reference stops at so many user-defined symbols that are beginnings of each other.
constexpr unsigned kMostMatches = 64;
constexpr std::uint8_t kLookCloser = 0x80;
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
        std::uint8_t* to = out_.data() + size_;
        for (; p < end; ++p) {
            const std::uint8_t byte = owner_.plain_[*p];
            if (byte == kLookCloser || (p + 1 < end && p[1] >= 0x80)) break;
            *to = byte;
            to += !(after_space_ && byte == ' ');
            after_space_ = owner_.tidies_ && byte == ' ';
        }
        size_ = static_cast<std::size_t>(to - out_.data());
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
}

void Normalizer::find_plain() {
    plain_.fill(kLookCloser);
    for (std::uint8_t byte = 0; byte < 0x80; ++byte) {
        bool alone = symbols_.first(byte) == Trie::kNone;
        for (std::uint8_t next = 0; next < 0x80; ++next) alone = alone && !rules_.has_rule(byte, next);
        if (!alone) continue;
        const std::string_view replacement = prefix(&byte, &byte + 1).replacement;
        if (replacement.size() == 1) plain_[byte] = static_cast<std::uint8_t>(replacement[0]);
    }
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
        while ((p = writer.copy_plain(p, end)) < end) {
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
