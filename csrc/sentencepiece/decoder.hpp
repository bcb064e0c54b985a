// From token ids back to text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sentencepiece/pieces.hpp"

namespace ctxpack::sentencepiece {

class Decoder {
public:
    Decoder(const ModelData& data, const Pieces& pieces);

    // The text of the tokens: every byte of an incomplete character is U+FFFD. Throws std::invalid_argument naming an
    // id that is no token. O(bytes).
    std::string text(std::span<const TokenId> ids) const;
    // The same with bytes left as they are.
    std::string bytes(std::span<const TokenId> ids) const;

private:
    template <class Flush>
    std::string decode(std::span<const TokenId> ids, Flush flush) const;
    std::string_view without_leading_space(std::string_view piece, bool& at_start) const;

    const Pieces& pieces_;
    std::string unknown_surface_;
    bool adds_space_;
    bool tidies_;
};

}  // namespace ctxpack::sentencepiece
