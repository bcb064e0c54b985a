// A count that grows with a text: what is appended is counted, and of what was there only the tail.
//
// A pretoken is settled once nothing that may follow can change it: its end is before the last run of upper-case
// letters (o200k: a lower-case letter after them can join them to what is before) and before the last open characters,
// and no contraction may be on its way there. A text is cut only after a pretoken that is more than those; see
// open.hpp and offsets.hpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bpe/growing_pretoken.hpp"
#include "bpe/sketch.hpp"

namespace ctxpack::bpe {

class Counter final : public ctxpack::Counter {
public:
    // The encoding must outlive the counter.
    explicit Counter(const Encoding& encoding) : encoding_(&encoding) {}
    // O(bytes of the tail).
    Counter(const Counter& other) = default;
    Counter& operator=(const Counter&) = delete;

    // Amortised O(bytes appended). If it throws, some of the text may be there, but is not in the count until the next
    // append.
    void append(std::string_view text) override;
    std::size_t count() const override { return settled_ + tail_tokens_; }
    std::unique_ptr<ctxpack::Counter> copy() const override { return std::make_unique<Counter>(*this); }

private:
    void sketch_anew();
    void take(std::string_view text);
    std::size_t settle(const std::vector<std::uint32_t>& ends);
    void forget(std::size_t boundary);
    void count_tail(const std::vector<std::uint32_t>& ends);
    std::size_t count_pretoken(std::size_t begin, std::size_t end);

    // A long pretoken whose tokens are kept.
    struct Long {
        std::size_t start;  // in the tail
        GrowingPretoken tokens;
    };

    const Encoding* encoding_;
    std::size_t settled_ = 0;      // tokens of what is before the tail
    std::size_t tail_tokens_ = 0;  // tokens of the tail
    std::string tail_;
    // Made of the tail; stale after a call that threw, which leaves is_sketched_ false.
    Sketch sketch_;
    std::vector<Long> long_;
    bool is_sketched_ = true;
};

}  // namespace ctxpack::bpe
