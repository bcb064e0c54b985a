// What every kind of encoding does: counts, encodes, decodes and cuts texts.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encoding/specials.hpp"
#include "encoding/types.hpp"

namespace ctxpack {

// Counts of the spans of one text.
class Offsets {
public:
    virtual ~Offsets() = default;
    // Tokens of text[begin, end) alone, where both are character boundaries.
    virtual std::size_t count(std::size_t begin, std::size_t end) const = 0;
};

// A count that grows with a text. Thread-safety: every method may be called from any number of threads; appends happen
// one after the other.
class Counter {
public:
    virtual ~Counter() = default;
    // Appends valid UTF-8.
    virtual void append(std::string_view text) = 0;
    // Tokens of all that was appended.
    virtual std::size_t count() const = 0;
    virtual std::unique_ptr<Counter> copy() const = 0;
};

// What is kept of a text.
struct Ends {
    std::size_t head;  // bytes of the start
    std::size_t tail;  // where the part of the end starts
};

// Texts are valid UTF-8. Thread-safety: every method may be called from any number of threads at once.
class Encoding {
public:
    explicit Encoding(std::span<const Special> specials) : specials_(specials) {}
    virtual ~Encoding() = default;

    // One more than the largest token id.
    virtual std::size_t n_vocab() const = 0;
    const Specials& specials() const { return specials_; }

    // Special tokens in the text are plain text.
    virtual std::size_t count(std::string_view text) const = 0;
    virtual std::vector<TokenId> encode(std::string_view text) const = 0;
    // The same where the `wanted` special tokens stand for themselves; the text between them is taken by itself.
    std::size_t count(std::string_view text, std::span<const TokenId> wanted) const {
        return wanted.empty() ? count(text) : count_between(text, wanted);
    }
    std::vector<TokenId> encode(std::string_view text, std::span<const TokenId> wanted) const {
        return wanted.empty() ? encode(text) : encode_between(text, wanted);
    }
    // The same for several texts, on up to `threads` threads.
    std::vector<std::size_t> count_batch(std::span<const std::string_view> texts, std::span<const TokenId> wanted,
                                         std::size_t threads) const;
    std::vector<std::vector<TokenId>> encode_batch(std::span<const std::string_view> texts,
                                                   std::span<const TokenId> wanted, std::size_t threads) const;

    // The bytes of the tokens. Throws std::invalid_argument naming an id that is no token. O(bytes).
    virtual std::string decode(std::span<const TokenId> ids) const = 0;
    // The token that is spelt so, special or not, or kNoToken.
    virtual TokenId token(std::string_view spelling) const = 0;

    // Both must not outlive the encoding, nor the offsets the text.
    virtual std::unique_ptr<Offsets> offsets(std::string_view text) const = 0;
    virtual std::unique_ptr<Counter> counter() const = 0;

    // How many bytes of the start, or from where on the end, may be kept for at most that many tokens. One character
    // more would be too many.
    virtual std::size_t fit_head(std::string_view text, std::size_t tokens) const = 0;
    virtual std::size_t fit_tail(std::string_view text, std::size_t tokens) const = 0;
    // Both ends, put together, in at most `tokens` tokens: half of them, rounded up, for the start.
    Ends fit_ends(std::string_view text, std::size_t tokens) const;

private:
    std::size_t count_between(std::string_view text, std::span<const TokenId> wanted) const;
    std::vector<TokenId> encode_between(std::string_view text, std::span<const TokenId> wanted) const;

    Specials specials_;
};

}  // namespace ctxpack
