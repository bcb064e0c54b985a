// Where a text may be cut before it is normalized, and its parts counted one by one.
//
// A seam is a place between two characters where
// - no rule of the normalizer and no user-defined piece reaches across it or across the place one character before it,
//   wherever the text starts, so that both characters are replaced by themselves;
// - what they become stands side by side in no piece, so that no token reaches across it;
// - at most one of what they become is a space, so that it stays one.
// The start and end of a text have no effect across a seam, except that spaces with nothing before them vanish at the
// start of a text: where they reach up to a seam, the text starts there.
//
// A joint is a place where all of that holds but what is said of tokens: there a text may be cut to be normalized.
#pragma once

#include <optional>
#include <string_view>

#include "sentencepiece/normalizer.hpp"
#include "sentencepiece/splitter.hpp"

namespace ctxpack::sentencepiece {

class Seams {
public:
    // `cuttable`: as of Segmenter::is_cuttable.
    Seams(const Normalizer& normalizer, const Splitter& splitter, bool cuttable);

    // The first seam of a text at or after a byte, or the text's end. O(bytes up to there).
    std::size_t next(std::string_view text, std::size_t from) const { return next(text, from, text.size()); }
    // The same before a limit of at most that end; at or after the limit where there is none.
    std::size_t next(std::string_view text, std::size_t from, std::size_t limit) const;
    // The last seam after byte `floor` that is at or before a byte, or `floor`. O(bytes from there).
    std::size_t previous(std::string_view text, std::size_t from, std::size_t floor) const;
    // The same for joints.
    std::size_t previous_joint(std::string_view text, std::size_t from, std::size_t floor) const;
    // Whether there are any.
    bool is_cuttable() const { return cuttable_; }
    // A place with that many bytes after it is a seam whatever is appended, or never one.
    std::size_t lookahead() const { return window_; }

private:
    template <class Test>
    std::size_t previous(std::string_view text, std::size_t from, std::size_t floor, Test test) const;
    bool is_seam(std::string_view text, std::size_t at) const;
    bool is_joint(std::string_view text, std::size_t at) const;
    template <class StartsWord>
    bool may_cut(std::string_view text, std::size_t at, StartsWord starts_word) const;
    std::optional<std::string_view> replacement(Bytes p, Bytes next, Bytes end) const;
    template <class StartsWord>
    bool may_part(std::string_view left, std::string_view right, StartsWord starts_word) const;
    std::uint8_t* append(std::string_view character, std::uint8_t* to) const;
    bool is_crossed(Bytes begin, Bytes before, Bytes at, Bytes end) const;

    const Normalizer& normalizer_;
    const Splitter& splitter_;
    bool cuttable_;
    std::size_t window_;  // bytes of the longest text that is replaced as one
};

}  // namespace ctxpack::sentencepiece
