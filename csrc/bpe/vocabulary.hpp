// The tokens of an encoding. Immutable, so safe to share.
#pragma once

#include <vector>

#include "bpe/types.hpp"

namespace ctxpack::bpe {

// What a vocabulary file holds, as views of its bytes; see tools/build_vocab.py.
struct VocabularyData {
    std::size_t size;   // ordinary tokens; their ids are 0 .. size - 1
    Bytes lengths;      // one byte a token
    Bytes left_halves;  // one byte a token: length of the left half of its last merge, 0 for a single byte
    Bytes text;         // the bytes of all tokens, in id order
    std::size_t text_size;
};

class Vocabulary {
public:
    // Throws std::invalid_argument where the data contradicts itself. O(bytes of all tokens).
    explicit Vocabulary(const VocabularyData& data);

    std::size_t size() const { return offsets_.size() - 1; }
    // May be read for kRoom bytes, also behind the last token's end.
    Bytes text(TokenId id) const { return text_.data() + offsets_[id]; }
    std::size_t length(TokenId id) const { return offsets_[id + 1] - offsets_[id]; }

    TokenId byte_id(std::uint8_t byte) const { return byte_ids_[byte]; }

private:
    static constexpr std::size_t kRoom = 64;

    void index_bytes();

    std::vector<std::uint32_t> offsets_;
    std::vector<std::uint8_t> text_;
    TokenId byte_ids_[256];
};

}  // namespace ctxpack::bpe
