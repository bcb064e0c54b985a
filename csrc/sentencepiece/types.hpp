// Names shared by the SentencePiece headers.
#pragma once

#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

// How SentencePiece writes a space, U+2581. In this folder a space stays a space: pieces and normalized text hold one
// byte for it, and only unknown spaces, decoding and the lengths of pieces know the three bytes.
inline constexpr char kSpaceSymbol[] = "\xE2\x96\x81";

}  // namespace ctxpack::sentencepiece
