// Byte-pair merging of one pretoken that is no token itself.
#pragma once

#include <vector>

#include "bpe/vocabulary.hpp"

namespace ctxpack::bpe {

// Scratch space of one thread and the algorithms that use it.
class Merger {
public:
    explicit Merger(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

    // The token ids of [p, p + size), size > 0; valid until the next call. Close to O(size): a long piece is cut into
    // windows that are merged alone and joined where BPE is proved not to merge across.
    const std::vector<TokenId>& merge(Bytes p, std::size_t size);

private:
    // Tokens of [begin, end) alone, left in ids_.
    void merge_window(Bytes begin, Bytes end);
    void start_from_bytes(Bytes begin, Bytes end);
    void start_from_characters(Bytes begin, Bytes end);
    TokenId character_id(Bytes p, Bytes next) const;
    void merge_symbols();
    void merge_one(std::size_t at);
    void merge_hasty(std::size_t at);
    void merge_every(std::size_t first);
    void rank(std::size_t at);

    void merge_long(Bytes p, Bytes end);
    bool join_next_window(Bytes& start, Bytes end, std::size_t window);
    void widen(Bytes& start, Bytes end, std::size_t& window);
    bool never_merge(TokenId left, TokenId right);
    Bytes window_end(Bytes start, Bytes end, std::size_t window) const;

    const Vocabulary& vocabulary_;
    // Symbols of the window, and what each merges into with the next one.
    std::vector<TokenId> ids_;
    std::vector<TokenId> ranks_;
    // Of a long piece: the tokens of the current window, and those of the windows before it.
    std::vector<TokenId> current_;
    std::vector<TokenId> done_;
    std::vector<std::uint8_t> seam_;
};

}  // namespace ctxpack::bpe
