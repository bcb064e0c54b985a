// Blocks of words: those of a chunk of text, and after them one that goes on in the next.
#pragma once

#include <array>

#include "encoding/text_key.hpp"
#include "sentencepiece/splitter.hpp"

namespace ctxpack::sentencepiece {

static_assert(Splitter::kSpare >= kTextsAtOnce);

// All words of a text: each ends where the next one starts.
class AllWords {
public:
    // Whether characters are left out that are still to be counted.
    static constexpr bool kLeavesUncounted = false;
    // The most words that a block can be.
    static constexpr std::size_t kMost = Splitter::kChunk + 1;

    void begin(Bytes p) { starts_[0] = p; }
    // Adds the words that start among `size` bytes (see Splitter::starts); returns how many are ended then.
    template <class Sink>
    std::size_t add(const Splitter& splitter, Bytes p, std::size_t size, bool at_start, Sink&) {
        return splitter.starts(p, size, at_start, &starts_[1]);
    }
    // Ends the one after `count` others.
    void end(Bytes p, std::size_t count) { starts_[count + 1] = p; }

    const Bytes* starts() const { return starts_.data(); }
    const Bytes* ends() const { return &starts_[1]; }
    Bytes start(std::size_t i) const { return starts_[i]; }
    std::size_t size(std::size_t i) const { return static_cast<std::size_t>(starts_[i + 1] - starts_[i]); }

private:
    std::array<Bytes, kMost + 1 + Splitter::kSpare> starts_;
};

// What both classes below share: words with skipped characters between them, so that where they end is written, too.
class SkippingWords {
public:
    static constexpr std::size_t kMost = AllWords::kMost;

    void begin(Bytes p) { starts_[0] = p; }
    void end(Bytes p, std::size_t count) { ends_[count] = starts_[count + 1] = p; }

    const Bytes* starts() const { return starts_.data(); }
    Bytes start(std::size_t i) const { return starts_[i]; }

protected:
    std::array<Bytes, kMost + 1 + Splitter::kSpare> starts_;
    std::array<Bytes, kMost + 1 + Splitter::kSpare> ends_;
};

// Words between which characters that are words by themselves are left out, being counted at once.
class WordsSkippingLone : public SkippingWords {
public:
    static constexpr bool kLeavesUncounted = false;

    template <class Sink>
    std::size_t add(const Splitter& splitter, Bytes p, std::size_t size, bool at_start, Sink& sink) {
        const Splitter::SkippedLone found = splitter.starts_skipping_lone(p, size, at_start, &starts_[1], ends_.data());
        sink.add_count(found.lone_tokens);
        return found.words;
    }
    const Bytes* ends() const { return ends_.data(); }
    std::size_t size(std::size_t i) const { return static_cast<std::size_t>(ends_[i] - starts_[i]); }
};

// Words after which unknown characters may be left out.
class WordsSkippingUnknown : public SkippingWords {
public:
    static constexpr bool kLeavesUncounted = true;

    WordsSkippingUnknown() = default;
    WordsSkippingUnknown(const WordsSkippingUnknown&) = delete;  // one points into itself
    WordsSkippingUnknown& operator=(const WordsSkippingUnknown&) = delete;

    template <class Sink>
    std::size_t add(const Splitter& splitter, Bytes p, std::size_t size, bool at_start, Sink&) {
        const Splitter::SkippedUnknown found =
            splitter.starts_skipping_unknown(p, size, at_start, &starts_[1], ends_.data());
        any_skipped_ = found.any_skipped;
        ends_at_ = any_skipped_ ? ends_.data() : &starts_[1];
        return found.words;
    }
    bool any_skipped() const { return any_skipped_; }
    // How many characters were left out after a word that is ended.
    std::size_t skipped(std::size_t i) const {
        return static_cast<std::size_t>(starts_[i + 1] - ends_at_[i]) / UnknownPages::kBytes;
    }
    const Bytes* ends() const { return ends_at_; }
    std::size_t size(std::size_t i) const { return static_cast<std::size_t>(ends_at_[i] - starts_[i]); }

private:
    const Bytes* ends_at_ = &starts_[1];
    bool any_skipped_ = false;
};

}  // namespace ctxpack::sentencepiece
