// Counts that grow with a text and take special tokens in it as themselves, or refuse them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "encoding/encoding.hpp"

namespace ctxpack {

// The `wanted` special tokens stand for themselves; the text between them is counted by counters of its own.
class SpecialCounter final : public Counter {
public:
    using MakeCounter = std::function<std::unique_ptr<Counter>()>;

    // The special tokens must outlive it.
    SpecialCounter(const Specials& specials, std::span<const SpecialNumber> wanted, MakeCounter make)
        : specials_(specials), wanted_(wanted.begin(), wanted.end()), make_(std::move(make)), part_(make_()) {}

    // Amortised O(bytes appended), and those of the longest special token. Where memory runs out, some of the text may
    // be missing from then on.
    void append(std::string_view text) override;
    // O(1); where the text ends like the beginning of a special token, O(bytes that are kept).
    std::size_t count() const override;
    // O(bytes that are kept).
    std::unique_ptr<Counter> copy() const override;

private:
    // Of what was not taken yet.
    std::optional<Specials::Match> next() const { return specials_.find(open_, taken_, wanted_); }
    std::size_t unfinished() const { return specials_.unfinished(open_, taken_, wanted_); }
    void take_to(std::size_t end);

    const Specials& specials_;
    std::vector<SpecialNumber> wanted_;
    MakeCounter make_;
    std::size_t before_ = 0;         // tokens up to the last special token, with it
    std::unique_ptr<Counter> part_;  // of what comes after it, but for
    std::string open_;               // the end, with which a special token may begin
    std::size_t taken_ = 0;          // bytes of that which were taken: not 0 where an append threw
};

// Takes no text with one of the `refused` special tokens.
class RefusingCounter final : public Counter {
public:
    // The special tokens must outlive it.
    RefusingCounter(const Specials& specials, std::span<const SpecialNumber> refused, std::unique_ptr<Counter> plain)
        : specials_(specials), refused_(refused.begin(), refused.end()), plain_(std::move(plain)) {}

    // Throws std::invalid_argument, and nothing is appended, where that completes a refused special token.
    void append(std::string_view text) override;
    std::size_t count() const override { return plain_->count(); }
    std::unique_ptr<Counter> copy() const override;

private:
    const Specials& specials_;
    std::vector<SpecialNumber> refused_;
    std::unique_ptr<Counter> plain_;
    std::string open_;  // as above, but counted
};

}  // namespace ctxpack
