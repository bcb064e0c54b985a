#include "sentencepiece/growing_bpe.hpp"

#include <algorithm>

namespace ctxpack::sentencepiece {
namespace {

// Symbols at the end that are merged again at first; twice as many at each further attempt.
constexpr std::size_t kMargin = 2;

}  // namespace

void GrowingBpe::append(std::string_view text) {
    const Ending ending = ending_with(text);
    text_ += text;
    places_.resize(ending.last + 1);
    places_.insert(places_.end(), ending.places.begin(), ending.places.end());
    bpe_.release(0);
}

std::size_t GrowingBpe::count_with(std::string_view rest) {
    const Ending ending = ending_with(rest);
    return (ending.places.empty() ? places_[ending.last] : ending.places.back()).tally.tokens;
}

// The end of the word with more text after it.
GrowingBpe::Ending GrowingBpe::ending_with(std::string_view rest) {
    std::size_t last = last_to_stay();
    for (std::size_t margin = kMargin;; margin *= 2) {
        last -= std::min(margin, last);
        const std::string text = text_.substr(places_[last].at).append(rest);
        const std::vector<Bpe::Symbol> symbols = bpe_.merged_symbols(bytes(text), text.size());
        const std::size_t next = symbols.size() > 1 ? symbols[1].at : text.size();
        if (last == 0 || stay_apart(last, std::string_view(text).substr(0, next))) {
            return {last, places_after(last, text, symbols)};
        }
    }
}

// The last place that is there whatever comes: no user-defined piece reaches from before it into what is new.
std::size_t GrowingBpe::last_to_stay() const {
    const auto stays = [&](const Place& place) { return place.at + merges_.longest_user_defined() <= text_.size(); };
    const auto first_other = std::partition_point(places_.begin() + 1, places_.end(), stays);
    return static_cast<std::size_t>(first_other - places_.begin()) - 1;
}

// Whether the symbol that ends at a place and the next one are what their joined text is merged into.
bool GrowingBpe::stay_apart(std::size_t last, std::string_view next) {
    const std::size_t begin = places_[last - 1].at, size = places_[last].at - begin;
    const std::string both = text_.substr(begin, size).append(next);
    const std::vector<Bpe::Symbol> found = bpe_.merged_symbols(bytes(both), both.size());
    return found.size() == 2 && found[1].at == size;
}

std::vector<GrowingBpe::Place> GrowingBpe::places_after(std::size_t last, std::string_view text,
                                                        std::span<const Bpe::Symbol> symbols) const {
    std::vector<Place> places;
    Tally tally = places_[last].tally;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        const std::size_t at = symbols[i].at, end = i + 1 < symbols.size() ? symbols[i + 1].at : text.size();
        tally = merges_.is_piece(symbols[i].symbol) ? tally.with_piece()
                                                    : tally.with_unknown(merges_.pieces(), bytes(text) + at, end - at);
        places.push_back({places_[last].at + end, tally});
    }
    return places;
}

}  // namespace ctxpack::sentencepiece
