#include "bpe/symbols.hpp"

#include <algorithm>

#include "unicode/utf8.hpp"

namespace ctxpack::bpe {
namespace {

Merges::Character character_at(const Merges& merges, Bytes p, Bytes next) {
    const bool whole = !unicode::is_continuation(*p) && next - p == unicode::sequence_length(*p);
    return whole ? merges.character(unicode::decode(p).point) : Merges::Character{};
}

}  // namespace

// A character stays in bytes where a token may lie across one of its ends. The text may begin or end inside a
// character: what is there of it has no token.
std::size_t first_symbols(const Vocabulary& vocabulary, const Merges& merges, Bytes begin, Bytes end, TokenId* to) {
    const TokenId* const first = to;
    bool straddled = false;
    for (Bytes p = begin; p < end;) {
        const Bytes next = std::min(p + unicode::sequence_length(*p), end);
        const bool ascii = next == end || (*p | *next) < 0x80;
        const bool straddled_next = !ascii && merges.straddle().may_straddle(next, end);
        const bool whole = !straddled && !straddled_next;
        const Merges::Character character = whole ? character_at(merges, p, next) : Merges::Character{};
        straddled = straddled_next;
        if (character.first != kNoToken) [[likely]] {
            to[0] = character.first;
            to[1] = character.second;
            to += 1 + (character.second != kNoToken);
            p = next;
        } else {
            for (; p < next; ++p) *to++ = vocabulary.byte_rank(*p);
        }
    }
    return static_cast<std::size_t>(to - first);
}

}  // namespace ctxpack::bpe
