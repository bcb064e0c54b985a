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

// A token that is no pretoken's: its id and its bytes.
struct Special {
    TokenId id;
    std::string_view text;
};

class Specials {
public:
    // Where a text holds a special token, in bytes.
    struct Match {
        std::size_t begin;
        std::size_t end;
        TokenId id;
    };

    // Throws std::invalid_argument where two have one id, or one is empty or no valid UTF-8.
    explicit Specials(std::span<const Special> specials);
    Specials(const Specials&) = delete;  // sorted_ looks into texts_
    Specials& operator=(const Specials&) = delete;

    const std::map<TokenId, std::string>& texts() const { return texts_; }
    const std::string& text(TokenId id) const { return texts_.at(id); }
    // In rising order.
    std::vector<TokenId> ids() const;
    // The first of the `wanted` tokens in the text from byte `from` on; of several at one place the longest.
    // O(bytes), and O(log(special tokens)) wherever one may begin.
    std::optional<Match> find(std::string_view text, std::size_t from, std::span<const TokenId> wanted) const;

private:
    struct Sorted {
        std::string_view text;
        TokenId id;
        std::size_t prefix;  // place, counted from 1, of the longest other one that it begins with; 0 for none
    };

    void sort();
    std::size_t longest_prefix(std::string_view text, std::size_t places) const;
    // The first byte from `from` on that some special token begins with; text.size() or more where there is none.
    std::size_t next_start(std::string_view text, std::size_t from) const;

    std::map<TokenId, std::string> texts_;
    std::vector<Sorted> sorted_;  // by text, which `texts_` holds
    std::array<bool, 256> starts_{};
    std::optional<char> start_;  // the first byte of all of them, for which the library's search is the fastest
};

}  // namespace ctxpack
