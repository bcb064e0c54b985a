// The loop over normalised text: cut, look every word up, segment the unknown ones.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "sentencepiece/splitter.hpp"
#include "sentencepiece/word_cache.hpp"

namespace ctxpack::sentencepiece {

// Caches and scratch space of one thread. Segmenter is Bpe or Unigram.
template <class Segmenter>
struct Workspace {
    explicit Workspace(const typename Segmenter::Shared& shared) : segmenter(shared) {}

    Segmenter segmenter;
    std::vector<std::uint8_t> text;
    ShortWordCache short_words;
    LongWordCache long_words;
};

// Where counting sends what it finds. Unknown pieces that follow each other are one token; `unknown` is kNoToken where
// there are none, because unknown text becomes bytes.
class CountSink {
public:
    explicit CountSink(TokenId unknown) : unknown_(unknown) {}

    void add(const Tokens& tokens) {
        total_ += tokens.count;
        if (unknown_ != kNoToken) merge_unknown(tokens);
    }
    // Tokens none of which is the unknown piece.
    void add_known(const TokenId*, std::size_t count) {
        total_ += count;
        last_ = kNoToken;
    }
    std::size_t total() const { return total_; }
    TokenId unknown() const { return unknown_; }

private:
    void merge_unknown(const Tokens& tokens) {
        for (std::size_t i = 0; i < tokens.count; ++i) {
            total_ -= tokens.ids[i] == unknown_ && last_ == unknown_;
            last_ = tokens.ids[i];
        }
    }

    std::size_t total_ = 0;
    const TokenId unknown_;
    TokenId last_ = kNoToken;
};

// The same for encoding.
class IdSink {
public:
    IdSink(TokenId unknown, std::vector<TokenId>& ids) : unknown_(unknown), ids_(ids) {}

    void add(const Tokens& tokens) {
        for (std::size_t i = 0; i < tokens.count; ++i) {
            const bool again = tokens.ids[i] == unknown_ && !ids_.empty() && ids_.back() == unknown_;
            if (!again) ids_.push_back(tokens.ids[i]);
        }
    }
    void add_known(const TokenId* ids, std::size_t count) { ids_.insert(ids_.end(), ids, ids + count); }
    TokenId unknown() const { return unknown_; }

private:
    TokenId unknown_;
    std::vector<TokenId>& ids_;
};

// Words are taken in blocks: all of a block are found, hashed and prefetched before the first is looked up.
template <class Segmenter, class Sink>
class Scan {
public:
    Scan(const Splitter& splitter, Workspace<Segmenter>& workspace, Sink& sink)
        : splitter_(splitter), workspace_(workspace), segmenter_(workspace.segmenter), sink_(sink) {
        segmenter_.begin();
    }

    // Segments [p, end), behind and before which kPadding bytes may be read.
    void run(Bytes p, Bytes end) {
        Bytes word = p;
        while (p < end) {
            std::size_t found = 0;
            for (std::size_t i = 0; i < kBlocks && p < end; ++i) {
                const auto filled = std::min<std::size_t>(static_cast<std::size_t>(end - p), Splitter::kBlock);
                for (std::uint64_t starts = splitter_.starts(p, filled); starts != 0; starts &= starts - 1) {
                    const Bytes start = p + std::countr_zero(starts);
                    words_[found].text = word;
                    words_[found].size = static_cast<std::size_t>(start - word);
                    found += start != word;
                    word = start;
                }
                p += filled;
            }
            if (p == end) {
                words_[found].text = word;
                words_[found++].size = static_cast<std::size_t>(end - word);
            }
            look_up(found);
        }
    }

    // Segments [p, end) as one word.
    void run_whole(Bytes p, Bytes end) { sink_.add(segmenter_.segment(p, static_cast<std::size_t>(end - p))); }

private:
    static constexpr std::size_t kBlocks = 4;

    struct Word {
        Bytes text;
        std::size_t size;
        bpe::ShortKey key;
        std::uint64_t hash;
    };

    void look_up(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            Word& word = words_[i];
            word.key = bpe::roomy_key<16>(word.text, word.size);
            word.hash = bpe::hash_of(word.key);
            workspace_.short_words.prefetch_slot(word.hash);
        }
        for (std::size_t i = 0; i < count; ++i) {
            const ShortSlot* const slot = workspace_.short_words.find(words_[i].key, words_[i].hash);
            if (slot != nullptr && segmenter_.accept(*slot)) {
                sink_.add_known(slot->ids(), slot->count());
            } else {
                add_other(words_[i]);
            }
        }
    }

    // A word that is long, or not met before, or has many tokens or unknown ones.
    void add_other(const Word& word) {
        if (word.size > LongSlot::kLongest) return sink_.add(segmenter_.segment(word.text, word.size));
        const LongKey key{word.text, word.size};
        const std::uint64_t hash = hash_of(LongKey{word.text, word.size});
        if (const LongSlot* slot = workspace_.long_words.find(key, hash)) {
            const Tokens tokens = slot->tokens();
            if (segmenter_.accept(tokens)) return sink_.add(tokens);
        }
        const Tokens tokens = segmenter_.segment(word.text, word.size);
        sink_.add(tokens);
        if (tokens.limit > 0) remember(word, key, hash, tokens);
    }

    void remember(const Word& word, LongKey key, std::uint64_t hash, const Tokens& tokens) {
        const TokenId* const end = tokens.ids + tokens.count;
        const bool known = std::find(tokens.ids, end, sink_.unknown()) == end;
        if (word.size <= bpe::kShort && tokens.count <= ShortSlot::kIds && known) {
            workspace_.short_words.insert(word.key, word.hash, tokens, segmenter_.filler());
        } else if (tokens.count <= LongSlot::kIds) {
            workspace_.long_words.insert(key, hash, tokens);
        }
    }

    const Splitter& splitter_;
    Workspace<Segmenter>& workspace_;
    Segmenter& segmenter_;
    Sink& sink_;
    std::array<Word, kBlocks * Splitter::kBlock + 1> words_;
};

}  // namespace ctxpack::sentencepiece
