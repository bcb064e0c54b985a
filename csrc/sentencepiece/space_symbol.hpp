// How SentencePiece writes a space.
#pragma once

#include <string>
#include <string_view>

namespace ctxpack::sentencepiece {

// U+2581. In this folder a space stays a space: pieces and normalized text hold one byte for it, and only unknown
// spaces, decoding and the lengths of pieces know the three bytes.
inline constexpr std::string_view kSpaceSymbol = "\xE2\x96\x81";

// The text with spaces in place of the symbols.
inline std::string with_spaces(std::string_view text) {
    std::string spaced(text);
    for (std::size_t at = 0; (at = spaced.find(kSpaceSymbol, at)) != spaced.npos; ++at) {
        spaced.replace(at, kSpaceSymbol.size(), 1, ' ');
    }
    return spaced;
}

}  // namespace ctxpack::sentencepiece
