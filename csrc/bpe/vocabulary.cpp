#include "bpe/vocabulary.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace ctxpack::bpe {
namespace {

// Where each token's bytes start, and where the last one's end.
std::vector<std::uint32_t> offsets_of(const VocabularyData& data) {
    const Bytes end = data.lengths + data.size;
    std::vector<std::uint32_t> offsets(data.size + 1);
    std::inclusive_scan(data.lengths, end, offsets.begin() + 1, std::plus<>{}, std::uint32_t{0});
    if (offsets.back() != data.text_size) throw std::invalid_argument("the lengths do not add up to the text");
    if (std::find(data.lengths, end, 0) != end) throw std::invalid_argument("a token is empty");
    return offsets;
}

}  // namespace

Vocabulary::Vocabulary(const VocabularyData& data)
    : offsets_(offsets_of(data)), text_(data.text_size + kRoom) {
    std::copy(data.text, data.text + data.text_size, text_.begin());
    index_bytes();
}

void Vocabulary::index_bytes() {
    std::fill(std::begin(byte_ids_), std::end(byte_ids_), kNoToken);
    for (TokenId id = 0; id < size(); ++id) {
        if (length(id) == 1) byte_ids_[*text(id)] = id;
    }
    if (std::find(std::begin(byte_ids_), std::end(byte_ids_), kNoToken) != std::end(byte_ids_)) {
        throw std::invalid_argument("a byte has no token");
    }
}

}  // namespace ctxpack::bpe
