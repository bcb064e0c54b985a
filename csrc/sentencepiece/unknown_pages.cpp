#include "sentencepiece/unknown_pages.hpp"

#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

UnknownPages::UnknownPages(const Pieces::Keys& pieces) {
    pages_.fill(0xFF);
    for (const auto& [text, id] : pieces) {
        const Bytes end = bytes(text) + text.size();
        for (Bytes p = bytes(text); p < end; p += unicode::sequence_length(*p)) {
            if (unicode::sequence_length(*p) != kBytes) continue;
            pages_[(*p & 8u) << 3 | (p[1] & 0x3Fu)] &= static_cast<std::uint8_t>(~(1u << (*p & 7)));
        }
    }
}

}  // namespace ctxpack::sentencepiece
