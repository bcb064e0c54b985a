// Special tokens: their ids and texts, and where a text holds one.
#pragma once

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

    const std::map<TokenId, std::string>& texts() const { return texts_; }
    const std::string& text(TokenId id) const { return texts_.at(id); }
    // In rising order.
    std::vector<TokenId> ids() const;
    // The first of the `wanted` tokens in the text from byte `from` on. O(bytes), and O(wanted) wherever the text has what
    // all special tokens begin with: at every byte, if that is nothing.
    std::optional<Match> find(std::string_view text, std::size_t from, std::span<const TokenId> wanted) const;

private:
    void find_common_prefix();

    std::map<TokenId, std::string> texts_;
    std::string common_;  // what all of them begin with, so that most text is skipped fast
};

}  // namespace ctxpack
