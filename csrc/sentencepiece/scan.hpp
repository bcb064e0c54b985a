// The loop over normalised text: cut, look every word up, segment the unknown ones.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "sentencepiece/splitter.hpp"
#include "sentencepiece/tokenizer.hpp"
#include "sentencepiece/word_cache.hpp"
#include "sentencepiece/words.hpp"

namespace ctxpack::sentencepiece {

// Caches and scratch space of one thread. Segmenter is Bpe or Unigram.
template <class Segmenter>
struct Workspace {
    explicit Workspace(const typename Segmenter::Shared& shared) : segmenter(shared) {}

    Segmenter segmenter;
    std::vector<std::uint8_t> text;
    WordTable<ShortSlot<typename Segmenter::Note>, 18> short_words;
    WordTable<LongSlot, 16> long_words;
};

// Where counting sends what it finds. Unknown pieces that follow each other are one token; `unknown` is kNoToken where
// there are none, because unknown text becomes bytes.
class CountSink {
public:
    // Whether all that is wanted of words is how many tokens they are.
    static constexpr bool kCounts = true;

    // The text before may end with the unknown piece.
    CountSink(TokenId unknown, bool after_unknown) : unknown_(unknown), last_(after_unknown ? unknown : kNoToken) {}

    void add(const Tokens& tokens) {
        total_ += tokens.count;
        if (unknown_ != kNoToken) merge_unknown(tokens);
    }
    // A word none of whose tokens is the unknown piece.
    template <class Words, class Slot>
    void add_known(const Words&, const Slot* slot) {
        total_ += slot->count();
    }
    // Of words that are not told apart.
    void add_count(std::size_t tokens) { total_ += tokens; }
    void end_unknown() { last_ = kNoToken; }
    std::size_t total() const { return total_; }
    TokenId unknown() const { return unknown_; }
    bool ends_unknown() const { return last_ != kNoToken && last_ == unknown_; }

private:
    void merge_unknown(const Tokens& tokens) {
        for (std::size_t i = 0; i < tokens.count; ++i) {
            total_ -= tokens.ids[i] == unknown_ && last_ == unknown_;
            last_ = tokens.ids[i];
        }
    }

    std::size_t total_ = 0;
    TokenId unknown_;
    TokenId last_;
};

// The same for what a stretch of text is by itself.
template <class Segmenter>
class StretchSink {
public:
    static constexpr bool kCounts = true;

    StretchSink(TokenId unknown, const typename Segmenter::Shared& shared) : count_(unknown, false), shared_(&shared) {}

    void add(const Tokens& tokens) {
        if (count_.total() == 0) starts_unknown_ = unknown() != kNoToken && tokens.ids[0] == unknown();
        count_.add(tokens);
        range_.add(*shared_, tokens);
    }
    template <class Words, class Slot>
    void add_known(const Words& words, const Slot* slot) {
        count_.add_known(words, slot);
        range_.add(*shared_, slot->note());
    }
    void add_count(std::size_t tokens) { count_.add_count(tokens); }
    void end_unknown() { count_.end_unknown(); }
    TokenId unknown() const { return count_.unknown(); }
    Stretch stretch() const {
        return {count_.total(), starts_unknown_, count_.ends_unknown(), range_.limit(), range_.reach()};
    }

private:
    CountSink count_;
    const typename Segmenter::Shared* shared_;
    bool starts_unknown_ = false;
    typename Segmenter::Range range_;
};

// The same for encoding.
class IdSink {
public:
    static constexpr bool kCounts = false;

    IdSink(TokenId unknown, std::vector<TokenId>& ids) : unknown_(unknown), ids_(&ids) {}

    void add(const Tokens& tokens) {
        for (std::size_t i = 0; i < tokens.count; ++i) {
            const bool again = tokens.ids[i] == unknown_ && !ids_->empty() && ids_->back() == unknown_;
            if (!again) ids_->push_back(tokens.ids[i]);
        }
    }
    template <class Words, class Slot>
    void add_known(const Words& words, const Slot* slot) {
        ids_->insert(ids_->end(), words.ids(slot), words.ids(slot) + slot->count());
    }
    void end_unknown() {}
    TokenId unknown() const { return unknown_; }

private:
    TokenId unknown_;
    std::vector<TokenId>* ids_;
};

// Words are taken in blocks: all of a block are found, hashed and prefetched before the first is looked up. Words is one
// of the kinds of blocks.
template <class Segmenter, class Sink, class Words>
class Scan {
public:
    Scan(const Splitter& splitter, Workspace<Segmenter>& workspace, Sink& sink)
        : splitter_(splitter), workspace_(workspace), segmenter_(workspace.segmenter), sink_(sink) {}

    // Segments [p, end), behind and before which kPadding bytes may be read.
    void run(Bytes p, Bytes end) {
        const Bytes begin = p;
        words_.begin(p);
        while (p < end) {
            std::size_t found = 0;
            for (std::size_t i = 0; i < Words::kBlocks && p < end; ++i) {
                const auto filled = std::min<std::size_t>(static_cast<std::size_t>(end - p), Splitter::kBlock);
                const std::uint64_t wanted = ~std::uint64_t{0} >> (Splitter::kBlock - filled) & ~std::uint64_t{p == begin};
                found = words_.add(splitter_, p, wanted, found, sink_);
                p += filled;
            }
            if (p == end) words_.end(p, found++);
            look_up(found);
            words_.clear(found);
        }
    }

private:
    using Note = typename Segmenter::Note;
    using Slot = ShortSlot<Note>;

    Bytes start(std::size_t i) const { return words_.start(i); }
    std::size_t size(std::size_t i) const { return words_.size(i); }

    void look_up(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) prepare(i);
        for (std::size_t i = add_known(0, count); i < count; i = add_known(i + 1, count)) add_other(i);
    }

    void prepare(std::size_t i) {
        const auto& words = workspace_.short_words;
        keys_[i] = bpe::roomy_key<16>(start(i), size(i));
        lines_[i] = words.line(keys_[i]);
        words.prefetch(lines_[i]);
        if (size(i) > bpe::kShort) [[unlikely]] prepare_long(i);
    }

    // Looking the word up as a short one finds nothing; it does so in a line that is at hand.
    void prepare_long(std::size_t i) {
        lines_[i] = 0;
        if (size(i) > LongSlot::kLongest) return;
        const auto& words = workspace_.long_words;
        long_lines_[i] = words.line({start(i), size(i)});
        words.prefetch(long_lines_[i]);
        words.prefetch_ids(long_lines_[i]);
    }

    // Short words from this one on; returns the first that is none, or not met before. What changes with every word is
    // copied, so that it is kept in registers.
    std::size_t add_known(std::size_t from, std::size_t count) {
        const auto& words = workspace_.short_words;
        Sink sink = sink_;
        auto sum = segmenter_.sum();
        std::size_t i = from;
        for (; i < count; ++i) {
            const Slot* const slot = words.find(keys_[i], lines_[i]);
            if (slot == nullptr || !sum.add(*slot)) break;
            sink.add_known(words, slot);
        }
        segmenter_.set_sum(sum);
        sink_ = sink;
        if (i > from) sink_.end_unknown();
        return i;
    }

    // A word that is long, or not met before, or has many tokens or unknown ones, or tokens that do not hold here.
    void add_other(std::size_t i) {
        const LongKey word{start(i), size(i)};
        if (word.size > LongSlot::kLongest) return sink_.add(segmenter_.segment(word.text, word.size));
        if (word.size > bpe::kShort) return add_long(word, long_lines_[i]);
        const Slot* const slot = workspace_.short_words.find(keys_[i], lines_[i]);
        if (slot == nullptr) return add_new(i);
        if (slot->count() == 0) return add_long(word, workspace_.long_words.line(word));
        const Tokens tokens{workspace_.short_words.ids(slot), slot->count(), Segmenter::limit(*slot)};
        sink_.add(segmenter_.accept(tokens) ? tokens : segmenter_.segment_here(word.text, word.size));
    }

    // A short word that was not met before.
    void add_new(std::size_t i) {
        const Tokens tokens = segmenter_.segment(start(i), size(i));
        sink_.add(tokens);
        const std::span ids(tokens.ids, tokens.count);
        const bool known = std::find(ids.begin(), ids.end(), sink_.unknown()) == ids.end();
        const bool fits = known && ids.size() <= Slot::kIds;
        workspace_.short_words.insert(keys_[i], lines_[i], fits ? ids : ids.first(0), fits ? segmenter_.note(tokens) : Note{});
    }

    void add_long(const LongKey& word, std::uint32_t line) {
        auto& words = workspace_.long_words;
        const LongSlot* const slot = words.find(word, line);
        if (slot != nullptr) {
            const Tokens tokens{words.ids(slot), slot->count(), slot->note()};
            return sink_.add(segmenter_.accept(tokens) ? tokens : segmenter_.segment_here(word.text, word.size));
        }
        const Tokens tokens = segmenter_.segment(word.text, word.size);
        sink_.add(tokens);
        if (tokens.count <= LongSlot::kIds) words.insert(word, line, {tokens.ids, tokens.count}, tokens.limit);
    }

    const Splitter& splitter_;
    Workspace<Segmenter>& workspace_;
    Segmenter& segmenter_;
    Sink& sink_;
    Words words_;
    std::array<bpe::ShortKey, Words::kMost> keys_;
    std::array<std::uint32_t, Words::kMost> lines_;
    std::array<std::uint32_t, Words::kMost> long_lines_;
};

}  // namespace ctxpack::sentencepiece
