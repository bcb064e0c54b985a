// Characters that are in no piece, as far as their first two bytes tell: those of three bytes, in pages of 64.
#pragma once

#include <array>

#include "sentencepiece/pieces.hpp"

namespace ctxpack::sentencepiece {

class UnknownPages {
public:
    static constexpr std::size_t kBytes = 3;  // of a character

    // Knows no page until it is assigned to.
    UnknownPages() = default;
    // O(bytes).
    explicit UnknownPages(const Pieces::Keys& pieces);

    // A bit for every page, which is the lowest four bits of the lead and six of the second byte, 1 where all are
    // unknown: bit lead & 7 of byte (lead & 8) << 3 | (second & 0x3F). Aligned to 64 bytes.
    const std::array<std::uint8_t, 128>& pages() const { return pages_; }

private:
    alignas(64) std::array<std::uint8_t, 128> pages_{};
};

}  // namespace ctxpack::sentencepiece
