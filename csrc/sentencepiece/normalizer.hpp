// Text as a model sees it: characters replaced by rule, white space tidied, a space put in front or behind.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "sentencepiece/charsmap.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/trie.hpp"

namespace ctxpack::sentencepiece {

// Bytes behind normalised text, and before it, that may be read: see Normalizer::normalise.
inline constexpr std::size_t kPadding = 64;

class Normalizer {
public:
    // Throws std::invalid_argument where the character rules are damaged.
    Normalizer(const ModelData& data, const Pieces& pieces);

    // Replaces `out` by the normalised text of valid UTF-8, spaces being one byte, with kPadding more bytes on either
    // side. O(bytes).
    void normalise(std::string_view text, std::vector<std::uint8_t>& out) const;

private:
    class Writer;

    static constexpr std::uint32_t kPoints = 0x10000;
    static constexpr std::uint8_t kNone = 0xFF;  // is in no text

    struct Prefix {
        std::string_view replacement;
        std::size_t size;  // bytes of text that it stands for
    };

    void find_plain();
    void find_stretch();
    void find_plain_points();
    Bytes skip_spaces(Bytes p, Bytes end) const;
    Prefix prefix(Bytes p, Bytes end) const;

    Charsmap rules_;
    Trie symbols_;
    bool adds_space_;
    bool tidies_;
    bool escapes_;
    bool suffix_;
    // What an ASCII character becomes if another, or nothing, follows; 0x80 where that needs a closer look.
    std::array<std::uint8_t, 256> plain_;
    // Whether a character below kPoints that is not ASCII stays what it is, whatever follows.
    std::vector<bool> plain_points_ = std::vector<bool>(kPoints);
    // The longest stretch of characters around "a" that stay what they are, how many more than one it has, and the one
    // in it that needs a closer look, as the beginning of user-defined symbols does.
    std::uint8_t lowest_ = 'a';
    std::uint8_t range_ = 0;
    std::uint8_t odd_ = kNone;
};

}  // namespace ctxpack::sentencepiece
