// Where counting and encoding send what a scan finds.
//
// A sink is told of tokens by add(); unknown() is the id of the unknown piece, and end_unknown() says that the last
// word was another one. It says:
//
//   kTakesCounts  whether tokens may be added by their number, by add_count()
//   kWantsWords   whether words are to be added one by one, in order, those of the table of short ones by add_known();
//                 others hear of how many unknown pieces become one with the token before by merge()
//   kWantsAll     whether every word is wanted, also an unknown one that becomes one token with the word before
#pragma once

#include <cstring>
#include <vector>

#include "sentencepiece/tally.hpp"
#include "sentencepiece/tokens.hpp"

namespace ctxpack::sentencepiece {

// Unknown pieces that follow each other are one token; `unknown` is kNoToken where there are none, because unknown text
// becomes bytes.
class CountSink {
public:
    static constexpr bool kTakesCounts = true;
    static constexpr bool kWantsWords = false;
    static constexpr bool kWantsAll = false;

    // The text before may end with the unknown piece.
    CountSink(TokenId unknown, bool after_unknown) : unknown_(unknown), last_(after_unknown ? unknown : kNoToken) {}

    void add(const Tokens& tokens) {
        total_ += tokens.count;
        if (unknown_ != kNoToken) merge_unknown(tokens);
    }
    // Of words that are not told apart.
    void add_count(std::size_t tokens) { total_ += tokens; }
    // How many of them are one with the token before, and whether the last one is the unknown piece.
    void merge(std::size_t merged, bool ends_unknown) {
        total_ -= merged;
        last_ = ends_unknown ? unknown_ : kNoToken;
    }
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

// Counts what a part of a text is by itself.
template <class Segmenter>
class PartSink {
public:
    static constexpr bool kTakesCounts = true;
    static constexpr bool kWantsWords = true;
    static constexpr bool kWantsAll = true;

    PartSink(TokenId unknown, const typename Segmenter::Shared& shared) : count_(unknown, false), shared_(&shared) {}

    void add(const Tokens& tokens) {
        if (count_.total() == 0) starts_unknown_ = unknown() != kNoToken && tokens.ids[0] == unknown();
        count_.add(tokens);
        range_.add(*shared_, tokens);
    }
    template <class Words, class Slot>
    void add_known(const Words&, const Slot* slot) {
        count_.add_count(slot->count());
        range_.add(*shared_, slot->note());
    }
    void add_count(std::size_t tokens) { count_.add_count(tokens); }
    void end_unknown() { count_.end_unknown(); }
    TokenId unknown() const { return count_.unknown(); }
    PartCount count() const {
        return {{count_.total(), count_.ends_unknown()}, starts_unknown_, range_.limit(), range_.reach()};
    }

private:
    CountSink count_;
    const typename Segmenter::Shared* shared_;
    bool starts_unknown_ = false;
    typename Segmenter::Range range_;
};

// Writes the ids of an encoded text.
class IdSink {
public:
    static constexpr bool kTakesCounts = false;
    static constexpr bool kWantsWords = true;
    static constexpr bool kWantsAll = false;

    // Overwrites `ids`, which grows as needed.
    IdSink(TokenId unknown, std::vector<TokenId>& ids) : unknown_(unknown), ids_(&ids) {}

    void add(const Tokens& tokens) {
        for (std::size_t i = 0; i < tokens.count; ++i) {
            const bool again = tokens.ids[i] == unknown_ && filled_ > 0 && (*ids_)[filled_ - 1] == unknown_;
            *room() = tokens.ids[i];
            filled_ += !again;
        }
    }
    // Always copies as many ids as a slot may have: how many it has could not be predicted.
    template <class Words, class Slot>
    void add_known(const Words& words, const Slot* slot) {
        static_assert(Slot::kIds <= kSpare);
        std::memcpy(room(), words.ids(slot), Slot::kIds * sizeof(TokenId));
        filled_ += slot->count();
    }
    void end_unknown() {}
    TokenId unknown() const { return unknown_; }
    std::size_t total() const { return filled_; }

private:
    static constexpr std::size_t kSpare = 8;  // tokens

    // Where the next tokens go.
    TokenId* room() {
        if (ids_->size() < filled_ + kSpare) [[unlikely]]
            ids_->resize(2 * (filled_ + kSpare));
        return ids_->data() + filled_;
    }

    TokenId unknown_;
    std::vector<TokenId>* ids_;
    std::size_t filled_ = 0;
};

}  // namespace ctxpack::sentencepiece
