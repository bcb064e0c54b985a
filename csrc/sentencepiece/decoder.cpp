#include "sentencepiece/decoder.hpp"

#include <algorithm>
#include <stdexcept>

#include "sentencepiece/space_symbol.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

// Appends the characters of `rest`, and U+FFFD for each byte that is part of none.
void append_repaired(std::string_view rest, std::string& text) {
    while (!rest.empty()) {
        const Bytes p = bytes(rest);
        const std::size_t size = std::min<std::size_t>(unicode::sequence_length(*p), rest.size());
        const bool whole = unicode::is_valid(p, size);
        text += whole ? rest.substr(0, size) : "\xEF\xBF\xBD";
        rest.remove_prefix(whole ? size : 1);
    }
}

}  // namespace

Decoder::Decoder(const ModelData& data, const Pieces& pieces)
    : pieces_(pieces),
      unknown_surface_(data.unknown_surface),
      adds_space_(data.add_dummy_prefix),
      tidies_(data.remove_extra_whitespaces) {}

std::string Decoder::text(std::span<const TokenId> ids) const { return decode(ids, append_repaired); }

std::string Decoder::bytes(std::span<const TokenId> ids) const {
    return decode(ids, [](std::string_view bytes, std::string& text) { text += bytes; });
}

// Bytes are gathered until another token comes, so that they can be read as characters.
template <class Flush>
std::string Decoder::decode(std::span<const TokenId> ids, Flush flush) const {
    std::string text;
    std::string bytes;
    bool at_start = true;
    for (const TokenId id : ids) {
        if (id >= pieces_.size()) throw std::invalid_argument(std::to_string(id) + " is not a token id");
        const PieceType type = pieces_.type(id);
        if (type == PieceType::byte) {
            bytes += static_cast<char>(pieces_.byte(id));
            continue;
        }
        flush(bytes, text);
        bytes.clear();
        at_start = at_start && text.empty();
        if (type == PieceType::control) continue;
        const std::string_view rest = without_leading_space(pieces_.text(id), at_start);
        text += type == PieceType::unknown ? unknown_surface_ : with_spaces(rest);
    }
    flush(bytes, text);
    return text;
}

// A model that puts a space in front takes it away; one that tidies takes all leading ones, token by token.
std::string_view Decoder::without_leading_space(std::string_view piece, bool& at_start) const {
    if (!at_start || !(adds_space_ || tidies_) || !piece.starts_with(kSpaceSymbol)) return piece;
    at_start = tidies_;
    return piece.substr(kSpaceSymbol.size());
}

}  // namespace ctxpack::sentencepiece
