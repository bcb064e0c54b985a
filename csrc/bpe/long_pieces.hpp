// Tokens and other pretokens that are too long for a table of slots.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bpe/piece_table.hpp"

namespace ctxpack::bpe {

class LongPieces {
public:
    static constexpr std::size_t kLongest = 1024;  // of a piece that is no token, in bytes

    PieceTokens find(std::string_view piece) const {
        const auto found = pieces_.find(piece);
        return found == pieces_.end() ? PieceTokens{} : PieceTokens{found->second.size(), found->second.data()};
    }
    void add_token(std::string_view piece, TokenId id) { pieces_.emplace(piece, std::vector{id}); }
    // Remembers a piece that is not here and has more than one token, unless it is absurdly long; where there is too
    // much to remember, forgets all others.
    void add_piece(std::string_view piece, std::span<const TokenId> ids) {
        if (piece.size() > kLongest) return;
        bytes_ += piece.size();
        if (bytes_ > kMostBytes) forget();
        pieces_.emplace(piece, std::vector(ids.begin(), ids.end()));
    }

private:
    static constexpr std::size_t kMostBytes = std::size_t{1} << 20;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view piece) const { return std::hash<std::string_view>{}(piece); }
    };

    void forget() {
        std::erase_if(pieces_, [](const auto& piece) { return piece.second.size() > 1; });
        bytes_ = 0;
    }

    std::unordered_map<std::string, std::vector<TokenId>, Hash, std::equal_to<>> pieces_;
    std::size_t bytes_ = 0;  // of those that are no tokens
};

}  // namespace ctxpack::bpe
