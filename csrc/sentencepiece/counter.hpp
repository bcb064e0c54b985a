// The count of a growing text: what is before the last seam is settled. The tail after it is counted anew, or, where
// it is long, as far as it is new.
#pragma once

#include <optional>
#include <string>

#include "encoding/encoding.hpp"
#include "sentencepiece/growing_tail.hpp"
#include "sentencepiece/tokenizer.hpp"

namespace ctxpack::sentencepiece {

class Counter final : public ctxpack::Counter {
public:
    // The tokenizer must outlive the counter.
    explicit Counter(const Tokenizer& tokenizer) : tokenizer_(&tokenizer) {}
    // O(bytes after the last seam).
    Counter(const Counter& other) = default;
    Counter& operator=(const Counter&) = delete;

    // Amortised O(bytes appended), and what a long tail costs; O(all bytes) where texts may not be cut. If it throws,
    // the text may be there, but is not in the count until the next append.
    void append(std::string_view text) override;
    std::size_t count() const override { return count_; }
    std::unique_ptr<ctxpack::Counter> copy() const override { return std::make_unique<Counter>(*this); }

private:
    void settle();
    std::size_t count_anew() const;
    std::size_t count_grown();

    const Tokenizer* tokenizer_;
    Progress settled_;
    std::size_t count_ = 0;
    std::string tail_;
    std::size_t searched_ = 0;  // bytes of the tail with no seam
    std::optional<GrowingTail> long_tail_;
};

}  // namespace ctxpack::sentencepiece
