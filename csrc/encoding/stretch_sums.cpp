#include "encoding/stretch_sums.hpp"

#include <algorithm>
#include <cstring>

namespace ctxpack {
namespace {

void add(const char* block, const std::uint64_t* key, Sums& sums) {
    std::array<std::uint64_t, kSumBytes / 8> words;
    std::memcpy(words.data(), block, sizeof words);
    for (std::size_t i = 0; i < words.size(); i += 2) {
        const std::uint64_t* const moved = key + SumKey::kShift;
        sums[0] += product(words[i] + key[i], words[i + 1] + key[i + 1]);
        sums[1] += product(words[i] + moved[i], words[i + 1] + moved[i + 1]);
    }
}

}  // namespace

Sums sums_portable(std::string_view text, const SumKey& key) {
    Sums sums{};
    std::size_t at = 0;
    for (; text.size() - at >= kSumBytes; at += kSumBytes) add(text.data() + at, &key.words[at / 8], sums);
    if (at == text.size()) return sums;
    char rest[kSumBytes] = {};
    std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), rest);
    add(rest, &key.words[at / 8], sums);
    return sums;
}

}  // namespace ctxpack
