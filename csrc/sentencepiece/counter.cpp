#include "sentencepiece/counter.hpp"

namespace ctxpack::sentencepiece {
namespace {

// Bytes of a tail that is counted anew each time.
constexpr std::size_t kShortTail = 256;

}  // namespace

void Counter::append(std::string_view text) {
    tail_ += text;
    settle();
    const bool is_long = tail_.size() > kShortTail && tokenizer_->seams().is_cuttable();
    count_ = is_long ? count_grown() : count_anew();
}

void Counter::settle() {
    const std::size_t lookahead = tokenizer_->seams().lookahead();
    if (tail_.size() < searched_ + lookahead) return;
    const std::size_t end = tail_.size() - lookahead;
    const std::size_t seam = tokenizer_->seams().previous(tail_, end, searched_);
    const bool found = seam > searched_;
    searched_ = end;
    if (!found) return;
    tokenizer_->advance(settled_, std::string_view(tail_).substr(0, seam), false);
    tail_.erase(0, seam);
    searched_ -= seam;
    long_tail_.reset();
}

std::size_t Counter::count_anew() const {
    Progress whole = settled_;
    tokenizer_->advance(whole, tail_, true);
    return whole.tally.tokens;
}

std::size_t Counter::count_grown() {
    if (!long_tail_) long_tail_.emplace(*tokenizer_, settled_);
    try {
        return long_tail_->count(tail_, searched_);
    } catch (...) {
        long_tail_.reset();
        throw;
    }
}

}  // namespace ctxpack::sentencepiece
