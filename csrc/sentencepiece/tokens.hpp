// What words come to.
#pragma once

#include "encoding/types.hpp"

namespace ctxpack::sentencepiece {

// The tokens of a word. A unigram model's hold as long as the score of the text before it is nearer to zero than
// `limit`; see Unigram.
struct Tokens {
    const TokenId* ids;
    std::size_t count;
    float limit;
};

// How many tokens some words are, unknown pieces side by side not taken for one, and whether there are any.
struct Counted {
    std::size_t tokens;
    bool has_unknown;
};

}  // namespace ctxpack::sentencepiece
