// Special tokens: their ids and texts, and where a text holds one.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encoding/types.hpp"

namespace ctxpack {

// A token that is no pretoken's: its id and its bytes. Several texts may have one id.
struct Special {
    TokenId id;
    std::string_view text;
};

// The place of a special token in the order of their texts: it tells apart those that have one id.
using SpecialNumber = std::uint32_t;

class Specials {
public:
    // Where a text holds a special token, in bytes.
    struct Match {
        std::size_t begin;
        std::size_t end;
        TokenId id;
    };

    // Throws std::invalid_argument where two have one text, or one is empty or no valid UTF-8.
    explicit Specials(std::span<const Special> specials);
    Specials(const Specials&) = delete;  // sorted_ and texts_ look into ids_
    Specials& operator=(const Specials&) = delete;

    // In order of their texts, so by their numbers.
    std::vector<Special> all() const;
    // The id of every text.
    const std::map<std::string, TokenId>& ids() const { return ids_; }
    // The text of every id, the first that was given.
    const std::map<TokenId, std::string_view>& texts() const { return texts_; }
    // The first of the `wanted` tokens in the text from byte `from` on; of several at one place the longest.
    // O(bytes), O(log(special tokens)) wherever one may begin, and O(wanted) for each that stands there.
    std::optional<Match> find(std::string_view text, std::size_t from, std::span<const SpecialNumber> wanted) const;
    // From byte `from` on, where the end of the text starts that is the beginning of a `wanted` token, but not all of
    // one; of several the longest such end, text.size() where there is none. O(bytes of the longest special token,
    // times the logarithm of their number), and O(wanted) for each of them that goes on so and is not wanted.
    std::size_t unfinished(std::string_view text, std::size_t from, std::span<const SpecialNumber> wanted) const;
    // Whether one of the `wanted` tokens may be found in the text that starts before byte `at` and ends after it.
    // O(bytes of the longest special token).
    bool stands_across(std::string_view text, std::size_t at, std::span<const SpecialNumber> wanted) const;

private:
    struct Sorted {
        std::string_view text;
        TokenId id;
        std::size_t prefix;  // place, counted from 1, of the longest other one that it begins with; 0 for none
    };

    void index_texts();
    std::size_t longest_prefix(std::string_view text, std::size_t places) const;
    // The first byte from `from` on that some special token begins with; text.size() or more where there is none.
    std::size_t next_start(std::string_view text, std::size_t from) const;

    std::map<std::string, TokenId> ids_;
    std::map<TokenId, std::string_view> texts_;
    std::vector<Sorted> sorted_;  // by text
    std::array<bool, 256> starts_{};
    std::size_t longest_ = 0;    // bytes
    std::optional<char> start_;  // the first byte of all of them, for which the library's search is the fastest
};

}  // namespace ctxpack
