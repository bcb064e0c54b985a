// What every kind of encoding does: counts, encodes, decodes and cuts texts.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoding/normal_form.hpp"
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

// A count that grows with a text. Thread-safety: none; its owner lets one call in at a time.
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

// Texts are valid UTF-8. Where an encoding has a normal form, who brings a text to it:
//
//   called with        normalizes_first     else
//   no special tokens  the caller           the caller
//   some               the caller           count, encode and normal_between do, of what is between these tokens; the
//                                           caller hands what these gave to offsets() and fit_...()
//
// A counter(wanted, refused) always does so itself. Thread-safety: every method may be called from any number of
// threads at once.
class Encoding {
public:
    // A text is brought to normal form before special tokens are looked for in it, or else what is between these.
    explicit Encoding(std::span<const Special> specials, Normalize normalize = {}, bool normalizes_first = false)
        : specials_(specials), normalize_(std::move(normalize)), normalizes_first_(normalizes_first) {}
    virtual ~Encoding() = default;

    // One more than the largest token id.
    virtual std::size_t n_vocab() const = 0;
    const Specials& specials() const { return specials_; }

    // Special tokens in the text are plain text.
    virtual std::size_t count(std::string_view text) const = 0;
    virtual std::vector<TokenId> encode(std::string_view text) const = 0;
    // Counts and encodes where the `wanted` special tokens stand for themselves; the text between them is taken by
    // itself.
    std::size_t count(std::string_view text, std::span<const SpecialNumber> wanted) const {
        return wanted.empty() ? count(text) : count_between(text, wanted);
    }
    std::vector<TokenId> encode(std::string_view text, std::span<const SpecialNumber> wanted) const {
        return wanted.empty() ? encode(text) : encode_between(text, wanted);
    }
    // Both for several texts, on up to `threads` threads.
    std::vector<std::size_t> count_batch(std::span<const std::string_view> texts, std::span<const SpecialNumber> wanted,
                                         std::size_t threads) const;
    std::vector<std::vector<TokenId>> encode_batch(std::span<const std::string_view> texts,
                                                   std::span<const SpecialNumber> wanted, std::size_t threads) const;

    // The bytes of the tokens. Throws std::invalid_argument naming an id that is no token. O(bytes).
    virtual std::string decode(std::span<const TokenId> ids) const = 0;
    // The token that is spelt so, special or not, or kNoToken.
    virtual TokenId token(std::string_view spelling) const = 0;

    // Both must not outlive the encoding, nor the offsets the text.
    virtual std::unique_ptr<Offsets> offsets(std::string_view text) const = 0;
    virtual std::unique_ptr<Counter> counter() const = 0;
    // The same where the `wanted` special tokens stand for themselves.
    std::unique_ptr<Offsets> offsets(std::string_view text, std::span<const SpecialNumber> wanted) const;
    // With one of the `refused` special tokens, where none are wanted, it takes no text.
    std::unique_ptr<Counter> counter(std::span<const SpecialNumber> wanted,
                                     std::span<const SpecialNumber> refused) const;

    // How many bytes of the start, or from where on the end, may be kept for at most that many tokens. One character
    // more would be too many.
    virtual std::size_t fit_head(std::string_view text, std::size_t tokens) const = 0;
    virtual std::size_t fit_tail(std::string_view text, std::size_t tokens) const = 0;
    // The same where the `wanted` special tokens stand for themselves: each is kept whole or left out.
    std::size_t fit_head(std::string_view text, std::size_t tokens, std::span<const SpecialNumber> wanted) const;
    std::size_t fit_tail(std::string_view text, std::size_t tokens, std::span<const SpecialNumber> wanted) const;
    // Both ends, put together, in at most `tokens` tokens: half of them, rounded up, for the start, the rest for the
    // end. Where they meet no special token comes about that is `wanted` or `refused`.
    Ends fit_ends(std::string_view text, std::size_t tokens, std::span<const SpecialNumber> wanted,
                  std::span<const SpecialNumber> refused) const;
    // The text in normal form: the text itself where it is that already, else what `held` has then.
    std::string_view normal(std::string_view text, std::string& held) const {
        return normalize_ ? normal_form(normalize_, text, held) : text;
    }
    // The text with what is between those tokens in normal form.
    std::string normal_between(std::string_view text, std::span<const SpecialNumber> wanted) const;

private:
    template <class OnText, class OnSpecial>
    void walk_between(std::string_view text, std::span<const SpecialNumber> wanted, OnText on_text,
                      OnSpecial on_special) const;
    std::size_t count_between(std::string_view text, std::span<const SpecialNumber> wanted) const;
    std::vector<TokenId> encode_between(std::string_view text, std::span<const SpecialNumber> wanted) const;

    std::unique_ptr<Counter> normalizing(std::unique_ptr<Counter> counter) const;

    Specials specials_;
    Normalize normalize_;
    bool normalizes_first_;
};

}  // namespace ctxpack
