// Prefix counts over the pretokens of a text, and from them the count of any span.
//
// A pattern looks ahead but never back, so from a pretoken boundary on, a text splits the same whatever stands before
// it. A cut after it can change only two things: the pretoken that it cuts, and what the cut leaves at the end of
// open characters (open.hpp). Every other pretoken before the cut stays: the way the pattern matched it is still there,
// and a cut opens no way that the pattern would have preferred.
//
// Nothing is known of a pattern that is not scanned here, so its spans are counted anew.
#pragma once

#include <string_view>
#include <vector>

#include "bpe/encoding.hpp"

namespace ctxpack::bpe {

class Offsets final : public ctxpack::Offsets {
public:
    // The text, valid UTF-8, and the encoding must outlive the offsets. Throws std::invalid_argument for a text of
    // 4 GiB or more. O(bytes).
    Offsets(const Encoding& encoding, std::string_view text);

    std::size_t total() const { return totals_.back(); }
    // Tokens of text[begin, end) alone, where both are character boundaries. O(1) between pretoken boundaries, but for
    // open characters at the span's end; else also the bytes up to the first boundary in common and those after the
    // last one.
    std::size_t count(std::size_t begin, std::size_t end) const override;

    std::size_t pretokens() const { return ends_.size(); }
    // Where pretoken `at` starts, and the tokens before it; also for the one past the last.
    std::size_t start(std::size_t at) const { return at == 0 ? 0 : ends_[at - 1]; }
    std::size_t tokens_before(std::size_t at) const { return totals_[at]; }

private:
    // How many pretokens end at or before a byte.
    std::size_t ended(std::size_t byte) const;
    std::size_t common_boundary(std::size_t begin, std::size_t end) const;
    std::size_t last_kept(std::size_t begin, std::size_t end) const;

    const Encoding& encoding_;
    std::string_view text_;
    std::vector<std::uint32_t> ends_;
    std::vector<std::uint32_t> totals_;        // tokens before each pretoken, and those of all
    std::vector<std::uint32_t> ended_before_;  // how many end before every 64th byte
};

}  // namespace ctxpack::bpe
