#include "bpe/growing_pretoken.hpp"

#include <algorithm>
#include <string>

namespace ctxpack::bpe {
namespace {

// Tokens at the end that are merged again at first; twice as many at each further attempt.
constexpr std::size_t kMargin = 2;

bool never_merge(const Encoding& encoding, TokenId left, TokenId right) {
    const std::string joined = std::string(encoding.text(left)) + std::string(encoding.text(right));
    return encoding.merge(joined) == std::vector{left, right};
}

}  // namespace

std::size_t GrowingPretoken::resize(const Encoding& encoding, std::string_view pretoken) {
    const auto whole = std::upper_bound(ends_.begin(), ends_.end(), pretoken.size()) - ends_.begin();
    auto kept = static_cast<std::size_t>(whole);
    for (std::size_t margin = kMargin;; margin *= 2) {
        kept -= std::min(margin, kept);
        if (join(encoding, pretoken, kept)) return ids_.size();
    }
}

// Keeps that many tokens and merges what is after them; false, and nothing changed, where BPE would merge across.
bool GrowingPretoken::join(const Encoding& encoding, std::string_view pretoken, std::size_t kept) {
    std::size_t end = kept > 0 ? ends_[kept - 1] : 0;
    const std::vector<TokenId> more = encoding.merge(pretoken.substr(end));
    const bool as_before = kept == 0 || (kept < ids_.size() && ids_[kept] == more[0]);
    if (!as_before && !never_merge(encoding, ids_[kept - 1], more[0])) return false;
    ids_.resize(kept);
    ends_.resize(kept);
    for (const TokenId id : more) {
        ids_.push_back(id);
        ends_.push_back(end += encoding.text(id).size());
    }
    return true;
}

}  // namespace ctxpack::bpe
