#include "sentencepiece/growing_bpe.hpp"

#include <algorithm>

namespace ctxpack::sentencepiece {
namespace {

// Symbols at the end that are merged again at first; twice as many at each further attempt.
constexpr std::size_t kMargin = 2;

}  // namespace

GrowingBpe::GrowingBpe(const Merges& merges, const Tally& before)
    : merges_(merges), bpe_(merges), places_{{0, before}} {}

void GrowingBpe::append(std::string_view text) {
    const std::size_t kept = merge(text);
    text_ += text;
    places_.resize(kept);
    places_.insert(places_.end(), found_.begin(), found_.end());
}

std::size_t GrowingBpe::count_with(std::string_view rest) {
    const std::size_t kept = merge(rest);
    return (found_.empty() ? places_[kept - 1] : found_.back()).tally.tokens;
}

// Merges the end of the word with more text behind it. Returns how many places are kept; finds those behind them.
std::size_t GrowingBpe::merge(std::string_view rest) {
    std::size_t kept = lasting();
    for (std::size_t margin = kMargin;; margin *= 2) {
        kept -= std::min(margin, kept - 1);
        behind_.assign(text_, places_[kept - 1].at).append(rest);
        symbols_ = bpe_.symbols(bytes(behind_), behind_.size());
        if (kept == 1 || stay_apart(kept)) break;
    }
    find_places(kept);
    return kept;
}

// How many places are there whatever comes: no user-defined symbol reaches from before them into what is new.
std::size_t GrowingBpe::lasting() const {
    const auto lasts = [&](const Place& place) { return place.at + merges_.longest_symbol() <= text_.size(); };
    return std::max<std::size_t>(1, std::partition_point(places_.begin(), places_.end(), lasts) - places_.begin());
}

// Whether the last symbol that is kept and the one behind it do not merge.
bool GrowingBpe::stay_apart(std::size_t kept) {
    const std::size_t begin = places_[kept - 2].at, middle = places_[kept - 1].at;
    const std::size_t size = symbols_.size() > 1 ? symbols_[1].at : behind_.size();
    const std::string both = text_.substr(begin, middle - begin) + behind_.substr(0, size);
    const auto found = bpe_.symbols(bytes(both), both.size());
    return found.size() == 2 && found[1].at == middle - begin;
}

void GrowingBpe::find_places(std::size_t kept) {
    const Pieces& pieces = merges_.pieces();
    Place place = places_[kept - 1];
    const std::size_t begin = place.at;
    found_.clear();
    for (std::size_t i = 0; i < symbols_.size(); ++i) {
        const std::size_t at = symbols_[i].at, end = i + 1 < symbols_.size() ? symbols_[i + 1].at : behind_.size();
        place.tally = merges_.is_piece(symbols_[i].symbol)
                          ? place.tally.with_piece()
                          : place.tally.with_unknown(pieces, bytes(behind_) + at, end - at);
        place.at = begin + end;
        found_.push_back(place);
    }
}

}  // namespace ctxpack::sentencepiece
