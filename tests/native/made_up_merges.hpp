// Vocabularies that are made up: what BPE learns from a text, but for the order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "bpe/vocabulary.hpp"

namespace ctxpack::tests {

// Few bytes, so that most pairs of symbols merge, and characters whose parts do.
inline const std::vector<std::string> kParts = {
    "a", "b", "c", " ", "=", "\u00e9", "\u00e8", "\u4e2d", "\u4e00", "\U0001f44d",
};

inline std::string drawn(std::mt19937& random, std::size_t parts) {
    std::string text;
    for (; parts > 0; --parts) text += kParts[random() % kParts.size()];
    return text;
}

inline std::vector<std::uint8_t> single_bytes() {
    std::vector<std::uint8_t> bytes(256);
    for (unsigned byte = 0; byte < 256; ++byte) bytes[byte] = static_cast<std::uint8_t>(byte);
    return bytes;
}

// That many merges of a text's neighbours, or fewer: no two make the same bytes, and none what may not be made.
inline std::vector<std::uint8_t> learnt(
    std::mt19937& random, std::size_t merges,
    bool (*may_be)(const std::string&) = [](const std::string&) { return true; }) {
    std::vector<std::uint8_t> pairs;
    std::vector<TokenId> text;
    std::vector<std::string> spelt;
    for (unsigned byte = 0; byte < 256; ++byte) spelt.push_back(std::string(1, static_cast<char>(byte)));
    std::set<std::string> known(spelt.begin(), spelt.end());
    for (const char byte : drawn(random, 4000)) text.push_back(static_cast<std::uint8_t>(byte));
    for (; merges > 0 && text.size() > 1; --merges) {
        const std::size_t at = random() % (text.size() - 1);
        const TokenId left = text[at], right = text[at + 1], made = static_cast<TokenId>(spelt.size());
        if (!may_be(spelt[left] + spelt[right]) || !known.insert(spelt[left] + spelt[right]).second) continue;
        spelt.push_back(spelt[left] + spelt[right]);
        for (const TokenId half : {left, right}) {
            for (int byte = 0; byte < 3; ++byte) pairs.push_back(static_cast<std::uint8_t>(half >> 8 * byte));
        }
        std::vector<TokenId> shorter;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool merges_here = text[i] == left && i + 1 < text.size() && text[i + 1] == right;
            shorter.push_back(merges_here ? made : text[i]);
            i += merges_here;
        }
        text = shorter;
    }
    return pairs;
}

// Those of some ranks as hasty tokens, as far as merges make them.
inline std::vector<bpe::RankRange> hasty_of(const std::vector<std::uint8_t>& pairs) {
    const auto merged = static_cast<TokenId>(bpe::Vocabulary::kBytes + pairs.size() / bpe::Vocabulary::kPairSize);
    if (merged <= 260) return {};
    return {{260, std::min<TokenId>(290, merged - 1)}};
}

}  // namespace ctxpack::tests
