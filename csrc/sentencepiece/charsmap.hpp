// Character rules of a model: "this string becomes that one", precompiled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

// The format: size of the trie in bytes (u32); the trie, a double array of u32 units as darts-clone lays it out; the
// replacements, UTF-8, each ended by a null byte. A key's value is the place of its replacement.
class Charsmap {
public:
    // An empty blob has no rules. Throws std::invalid_argument where the blob is damaged, or a rule is for more than
    // 1024 bytes. O(256 * units).
    explicit Charsmap(std::string_view blob);

    bool empty() const { return units_.empty(); }

    struct Match {
        std::size_t size = 0;  // bytes of text that the rule replaces, 0 where none applies
        std::string_view replacement;
    };

    // The rule for the longest string that [p, end) begins with. O(bytes of that string).
    Match longest(Bytes p, Bytes end) const;
    // Whether some rule is for a string that begins with [p, end).
    bool has_rule(Bytes p, Bytes end) const;
    // The same of a longer string. O(256 + bytes).
    bool has_longer_rule(Bytes p, Bytes end) const;
    // Adds the characters that rules have after [p, end) to `points`; returns whether they have nothing else there, and
    // no character of ASCII or of four bytes; false also where these become too many. O(256 for each of their bytes).
    bool add_next(Bytes p, Bytes end, std::vector<std::uint32_t>& points) const;
    // Bytes of the longest string that a rule is for.
    std::size_t longest_key() const { return longest_key_; }

private:
    using Unit = std::uint32_t;

    // Where the children of the string's unit are counted from; nothing where no rule begins so.
    std::optional<std::size_t> children(Bytes p, Bytes end) const;
    bool add_characters(std::size_t at, const std::string& text, std::vector<std::uint32_t>& points) const;
    void check_units() const;
    void check_replacements() const;
    void find_longest_key();

    std::vector<Unit> units_;
    std::string replacements_;
    std::size_t longest_key_ = 0;
};

}  // namespace ctxpack::sentencepiece
