#include "encoding/special_counter.hpp"

#include <stdexcept>

namespace ctxpack {

// A special token ends a part only where none that is longer, or starts before it, may still come of what follows.
void SpecialCounter::append(std::string_view text) {
    open_.erase(0, taken_);
    taken_ = 0;
    open_ += text;
    std::size_t end = unfinished();
    for (auto match = next(); match && match->begin < end; match = next()) {
        take_to(match->begin);
        std::unique_ptr<Counter> after = make_();
        before_ += part_->count() + 1;
        part_ = std::move(after);
        taken_ = match->end;
        if (taken_ > end) end = unfinished();
    }
    take_to(end);
    open_.erase(0, taken_);
    taken_ = 0;
}

// What throws has taken the text.
void SpecialCounter::take_to(std::size_t end) {
    const std::string_view text = std::string_view(open_).substr(taken_, end - taken_);
    taken_ = end;
    part_->append(text);
}

// As if the text ended here.
std::size_t SpecialCounter::count() const {
    if (open_.empty()) return before_ + part_->count();
    std::unique_ptr<Counter> part = part_->copy();
    std::size_t total = before_, from = taken_;
    while (const auto match = specials_.find(open_, from, wanted_)) {
        part->append(std::string_view(open_).substr(from, match->begin - from));
        total += part->count() + 1;
        part = make_();
        from = match->end;
    }
    part->append(std::string_view(open_).substr(from));
    return total + part->count();
}

std::unique_ptr<Counter> SpecialCounter::copy() const {
    auto other = std::make_unique<SpecialCounter>(specials_, wanted_, make_);
    other->before_ = before_;
    other->part_ = part_->copy();
    other->open_ = open_.substr(taken_);
    return other;
}

void RefusingCounter::append(std::string_view text) {
    const std::string whole = open_ + std::string(text);
    if (const auto match = specials_.find(whole, 0, refused_)) {
        const std::string name = whole.substr(match->begin, match->end - match->begin);
        throw std::invalid_argument("the text has the special token '" + name + "', which is refused");
    }
    open_ = whole.substr(specials_.unfinished(whole, 0, refused_));
    plain_->append(text);
}

std::unique_ptr<Counter> RefusingCounter::copy() const {
    auto other = std::make_unique<RefusingCounter>(specials_, refused_, plain_->copy());
    other->open_ = open_;
    return other;
}

}  // namespace ctxpack
