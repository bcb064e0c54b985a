// Text as a model sees it: characters replaced by rule, white space tidied, a space put in front or at the end.
#pragma once

#include <string_view>
#include <vector>

#include "sentencepiece/charsmap.hpp"
#include "sentencepiece/copy.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/trie.hpp"

namespace ctxpack::sentencepiece {

// Bytes after normalized text, and before it, that may be read: see Normalizer::normalize.
inline constexpr std::size_t kPadding = 80;

// Whether a part of a text starts and ends where the text does.
struct Edges {
    bool first = true;
    bool last = true;
};

class Normalizer {
public:
    // Throws std::invalid_argument where the character rules are damaged.
    Normalizer(const ModelData& data, const Pieces& pieces);

    // Replaces `out` by the normalized text of valid UTF-8, spaces being one byte, with kPadding more bytes on either
    // side. O(bytes).
    void normalize(std::string_view text, Edges edges, std::vector<std::uint8_t>& out) const;

    struct Prefix {
        std::string_view replacement;
        std::size_t size;  // bytes of text that it stands for
    };
    // What is replaced next at `p`, and by what; independent of where the text starts.
    Prefix prefix(Bytes p, Bytes end) const;
    // Whether that is surely one byte alone.
    bool is_plain(Bytes p, Bytes end) const {
        return plain_[*p] != CopyTable::kLookCloser && (p + 1 == end || p[1] < 0x80);
    }
    // Bytes of the longest text that one replacement stands for.
    std::size_t longest_prefix() const;
    // Whether runs of spaces become one space.
    bool tidies() const { return plain_.tidies; }
    // Whether U+2581 is a space.
    bool escapes() const { return escapes_; }

private:
    class Writer;

    void find_plain();
    void find_points();
    void find_leads();
    std::uint8_t point(Bytes begin, Bytes end, std::vector<std::uint32_t>& joining) const;
    void join(std::uint32_t point);
    Bytes skip_spaces(Bytes p, Bytes end) const;

    Charsmap rules_;
    Trie user_defined_;
    std::size_t longest_user_defined_ = 0;  // bytes
    bool adds_space_;
    bool escapes_;
    bool suffix_;
    CopyTable plain_;
    Copy copy_;
    NonAsciiTable non_ascii_;
    CopyNonAscii copy_non_ascii_;
};

}  // namespace ctxpack::sentencepiece
