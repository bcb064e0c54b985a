// The tokens of a long pretoken that gets longer: only the last ones are merged again.
//
// Two BPE results side by side are the BPE result of the joined bytes exactly if the two tokens that meet are what BPE
// makes of their own joined bytes (see merge.cpp). So the tokens up to a boundary are kept if that holds there.
#pragma once

#include <string_view>
#include <vector>

#include "bpe/encoding.hpp"

namespace ctxpack::bpe {

class GrowingPretoken {
public:
    // Makes the tokens those of `pretoken`, which begins as the one before did or as that one begins. Returns how many
    // they are. O(bytes that differ), for all texts known.
    std::size_t resize(const Encoding& encoding, std::string_view pretoken);

private:
    bool join(const Encoding& encoding, std::string_view pretoken, std::size_t kept);

    std::vector<TokenId> ids_;
    std::vector<std::size_t> ends_;  // of the tokens, in bytes of the pretoken
};

}  // namespace ctxpack::bpe
