#include "encoding/specials.hpp"

#include <algorithm>
#include <stdexcept>

#include "unicode/utf8.hpp"

namespace ctxpack {

Specials::Specials(std::span<const Special> specials) {
    for (const Special& special : specials) {
        if (special.text.empty()) throw std::invalid_argument("a special token is empty");
        // Else it could cut a character of a text in two.
        if (!unicode::is_valid(reinterpret_cast<Bytes>(special.text.data()), special.text.size())) {
            throw std::invalid_argument("a special token is not valid UTF-8");
        }
        if (!texts_.emplace(special.id, special.text).second) throw std::invalid_argument("two tokens have one id");
    }
    find_common_prefix();
}

std::vector<TokenId> Specials::ids() const {
    std::vector<TokenId> ids;
    for (const auto& [id, text] : texts_) ids.push_back(id);
    return ids;
}

void Specials::find_common_prefix() {
    if (texts_.empty()) return;
    common_ = texts_.begin()->second;
    for (const auto& [id, text] : texts_) {
        const auto differ = std::mismatch(common_.begin(), common_.end(), text.begin(), text.end()).first;
        common_.erase(differ, common_.end());
    }
}

std::optional<Specials::Match> Specials::find(std::string_view text, std::size_t from,
                                              std::span<const TokenId> wanted) const {
    if (wanted.empty()) return std::nullopt;
    for (std::size_t at = text.find(common_, from); at < text.size(); at = text.find(common_, at + 1)) {
        for (const TokenId id : wanted) {
            const std::string& special = texts_.at(id);
            if (text.substr(at).starts_with(special)) return Match{at, at + special.size(), id};
        }
    }
    return std::nullopt;
}

}  // namespace ctxpack
