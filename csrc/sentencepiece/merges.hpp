// What byte-pair merging of a model's pieces reads. Immutable, so safe to share.
#pragma once

#include <memory>
#include <vector>

#include "encoding/pair_table.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/trie.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

// Text starts as symbols: user-defined pieces, and else characters. Two symbols merge where their joined text is a
// piece, however that piece came about. A symbol is the id of its piece, or a further id for a character that is no
// piece but stands in one.
class Merges {
public:
    // Set in the symbols that merge with nothing: user-defined pieces that stood in the text, and kNoToken for
    // characters that stand in no piece.
    static constexpr TokenId kAlone = TokenId{1} << 31;

    // O(the squares of the pieces' lengths). Throws std::invalid_argument where there are too many symbols.
    explicit Merges(const Pieces& pieces);

    const Pieces& pieces() const { return pieces_; }

    struct Start {
        TokenId symbol;
        std::size_t size;  // bytes
    };
    // The symbol that text starts with at `p`.
    Start start(Bytes p, Bytes end) const {
        if (user_defined_.first(*p) != Trie::kNone) [[unlikely]] {
            if (const Trie::Match piece = user_defined(p, end); piece.size > 0)
                return {piece.value | kAlone, piece.size};
        }
        const unicode::Character found = unicode::decode(p);
        return {character(found.point), found.length};
    }

    // The piece that two symbols make, or kNoToken. O(1).
    TokenId merged(TokenId left, TokenId right) const {
        return ((left | right) & kAlone) != 0 ? kNoToken : pairs_->find(pairs_->query(left, right));
    }
    // Whether a symbol is a token; else it is a character that becomes the unknown piece or bytes.
    bool is_piece(TokenId symbol) const { return (symbol & ~kAlone) < pieces_.size(); }
    // Lower ranks merge first: pieces by falling score.
    std::uint32_t rank(TokenId piece) const { return ranks_.empty() ? piece : ranks_[piece]; }

    // Bytes of the longest user-defined piece; 0 where there is none.
    std::size_t longest_user_defined() const { return longest_user_defined_; }

    // Unused pieces merge, and are taken apart again when all is done; the reference takes them apart as the same piece
    // was last seen anywhere in the text.
    bool has_unused() const { return has_unused_; }

private:
    static constexpr std::size_t kPage = 256;

    Trie::Match user_defined(Bytes p, Bytes end) const;
    void index_characters(const Pieces::Keys& segments);
    void index_pairs(const Pieces::Keys& segments);
    void rank_pieces(const Pieces::Keys& segments);
    TokenId& character(std::uint32_t point);
    TokenId character(std::uint32_t point) const { return characters_[pages_[point / kPage] + point % kPage]; }

    const Pieces& pieces_;
    Trie user_defined_;
    std::size_t longest_user_defined_ = 0;
    bool has_unused_ = false;
    // Symbols of characters: where the page of 256 code points is, and the pages.
    std::vector<std::uint32_t> pages_;
    std::vector<TokenId> characters_;
    std::unique_ptr<PairTable> pairs_;
    std::vector<std::uint32_t> ranks_;  // empty where ids are in that order
};

}  // namespace ctxpack::sentencepiece
