// Whether so many words of a text are new that it is counted faster without.
#pragma once

#include <algorithm>

#include "encoding/types.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

// Told by parts that are counted by words. Where many of one are new, some blocks after it go without; then another
// part tells whether that still holds, and by it some words are learnt. All is reckoned in what it takes to find the
// tokens of a byte of a new word, as it was measured on an AMD EPYC of Zen 4.
class Novelty {
public:
    // What a new word takes.
    static std::size_t effort(std::size_t bytes) { return 4 + bytes; }

    // After a part, not an empty one, that was counted by words, and what its new ones took.
    void note_words(Bytes p, Bytes end, std::size_t effort) {
        const auto size = static_cast<double>(end - p);
        const double now = kKnownByte + static_cast<double>(effort) / size;
        byte_ += (now - byte_) * std::min(1.0, size / kSmoothed);
        const bool high = byte_ * size > kLearning * character_ * characters(p, end);
        left_ = high ? next_ : 0;
        next_ = high ? std::min(2 * next_, kMost) : kFewest;
        character_ -= (character_ - kLeast) / kForgets;
    }
    // After a block that was not, of that many characters, and how often a longer piece was looked for in it.
    void note_block(std::size_t characters, std::size_t longer) {
        character_ = kLeast + kLonger * static_cast<double>(longer) / static_cast<double>(characters);
    }
    // Whether the last part was counted by words, and many were new.
    bool was_high() const { return next_ != kFewest; }
    // Whether one more block may go without words.
    bool take_block() { return left_ != 0 && left_-- != 0; }

private:
    // A byte of known words, a character without words, and each look for a longer piece there.
    static constexpr double kKnownByte = 0.15, kLeast = 0.2, kLonger = 0.35;
    // How much more words may take, for some are learnt.
    static constexpr double kLearning = 1.75;
    // Bytes of parts by which what words take is told: short ones tell little.
    static constexpr double kSmoothed = 4096;
    // Blocks; parts after which what blocks take is mostly forgotten, for it is another text's.
    static constexpr unsigned kFewest = 1, kMost = 32, kForgets = 64;
    static constexpr std::ptrdiff_t kLooked = 512;  // bytes

    // About how many a part has.
    static double characters(Bytes p, Bytes end) {
        const std::ptrdiff_t size = end - p, looked = std::min(size, kLooked);
        const auto found =
            std::count_if(p, p + looked, [](std::uint8_t byte) { return !unicode::is_continuation(byte); });
        return static_cast<double>(found) * static_cast<double>(size) / static_cast<double>(looked);
    }

    unsigned left_ = 0, next_ = kFewest;
    // What a byte takes with words, and a character without, lately.
    double byte_ = kKnownByte, character_ = kLeast;
};

}  // namespace ctxpack::sentencepiece
