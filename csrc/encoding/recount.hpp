// Offsets and counters that count anew each time, for encodings of which nothing is known that could be kept.
#pragma once

#include <string>

#include "encoding/encoding.hpp"

namespace ctxpack {

class RecountedOffsets final : public Offsets {
public:
    RecountedOffsets(const Encoding& encoding, std::string_view text) : encoding_(encoding), text_(text) {}

    // O(bytes of the span).
    std::size_t count(std::size_t begin, std::size_t end) const override {
        return encoding_.count(text_.substr(begin, end - begin));
    }

private:
    const Encoding& encoding_;
    std::string_view text_;
};

class RecountedCounter final : public Counter {
public:
    explicit RecountedCounter(const Encoding& encoding) : encoding_(encoding) {}

    // O(bytes so far).
    void append(std::string_view text) override {
        text_ += text;
        count_ = encoding_.count(text_);
    }
    std::size_t count() const override { return count_; }
    // O(bytes so far).
    std::unique_ptr<Counter> copy() const override {
        auto other = std::make_unique<RecountedCounter>(encoding_);
        other->text_ = text_;
        other->count_ = count_;
        return other;
    }

private:
    const Encoding& encoding_;
    std::string text_;
    std::size_t count_ = 0;
};

}  // namespace ctxpack
