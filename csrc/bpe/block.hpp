// A block of pretokens on its way through a scan.
#pragma once

#include <array>

#include "bpe/pairs.hpp"
#include "encoding/text_key.hpp"
#include "split/splitter.hpp"

namespace ctxpack::bpe {

// Parts tells how many pretokens there are and where they start and end, FindRecent finds some of them, Probe some of
// the rest; what is then left, Scan looks up one by one.
struct Block {
    Bytes rest_start(std::size_t i) const { return starts[rest[i]]; }

    std::size_t stretch;  // that it is part of, where the sink tells them apart
    std::size_t filled;   // pretokens, or parts of them
    std::size_t left;     // of them, that were not found yet
    std::array<Bytes, split::kStarts + kTextsAtOnce> starts;
    std::array<TokenPair, split::kStarts + kCopied> pairs;  // of what was found, where ids are wanted
    std::array<std::uint32_t, split::kStarts> rest;         // those that are no recent tokens, in order
    // By places in rest, so that little memory is touched:
    std::array<std::size_t, split::kStarts> sizes;
    std::array<ShortKey, split::kStarts> keys;
    std::array<std::uint32_t, split::kStarts> slots;    // their home slots, then those that they may be at
    std::array<std::uint32_t, split::kStarts> unfound;  // the places of those not found there either
    std::array<std::uint64_t, split::kStarts> hashes;   // of these, and of what is too long for such a key
    // Where they end: either where the next ones start or, of parts between which some are left out, at places of their
    // own.
    const Bytes* ends;
    std::array<Bytes, split::kStarts + kTextsAtOnce> part_ends;
};

}  // namespace ctxpack::bpe
