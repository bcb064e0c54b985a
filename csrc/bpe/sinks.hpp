// Where counting and encoding send what a scan finds.
//
// A sink is told of the tokens of all pretokens: by add(Tokens); by add_readable(), where kReadable ids may be
// read; or by defer(), where they are not known yet, and then, with all others deferred, by fill_deferred(). It says:
//
//   kWantsIds        whether tables are to hold ids, and it hears of every pretoken, in the text's order, of those that
//                    are one token or two by add_pairs(); of most pretokens others hear by add(number) how many tokens
//                    they are, in any order
//   kWantsPretokens  whether it hears of whole pretokens; others hear of the parts that they may be cut into
//   kKnowsStretches  whether it remembers stretches of the text, and is told which one tokens are of
#pragma once

#include <utility>
#include <vector>

#include "bpe/deferred.hpp"
#include "bpe/pretoken_table.hpp"
#include "encoding/known_stretches.hpp"

namespace ctxpack::bpe {

class CountSink {
public:
    static constexpr bool kWantsIds = false;
    static constexpr bool kWantsPretokens = false;
    static constexpr bool kKnowsStretches = true;

    using Known = KnownStretches<std::uint32_t>;

    explicit CountSink(Known& known) : known_(known) { stretches_[0].tokens = 0; }

    bool is_full() const { return stretches_size_ == kMost; }
    // Adds the tokens of a stretch if it was met before; else they are to be told. Not while is_full().
    bool knows(std::string_view stretch) {
        newest_ = 0;
        if (stretch.size() < kShortestTagged || stretch.size() > kLongestTagged) return false;
        const StretchTag tag = stretch_tag(stretch);
        if (const std::uint32_t* const tokens = known_.find(tag)) {
            stretches_[0].tokens += *tokens;
            return true;
        }
        newest_ = stretches_size_++;
        stretches_[newest_] = {tag, 0};
        return false;
    }
    // The stretch that was asked for last, and the one whose tokens are told.
    std::size_t newest() const { return newest_; }
    void turn_to(std::size_t stretch) { now_ = stretch; }

    void add(std::size_t tokens) { stretches_[now_].tokens += tokens; }
    void add(const Tokens& tokens) { add(tokens.count); }
    void add_readable(const Tokens& tokens) { add(tokens); }
    void defer() { deferred_[deferred_size_++] = static_cast<std::uint16_t>(now_); }
    void fill_deferred(const Deferred& deferred, const MergeBatch& batch) {
        for (std::size_t i = 0; i < deferred_size_; ++i) {
            stretches_[deferred_[i]].tokens += batch.tokens(deferred.numbers()[i]).size();
        }
        deferred_size_ = 0;
    }

    // Remembers all stretches, when nothing of them is deferred any more.
    void settle() {
        for (const Stretch& stretch : std::span(stretches_).first(stretches_size_).subspan(1)) {
            stretches_[0].tokens += stretch.tokens;
            known_.add(stretch.tag, static_cast<std::uint32_t>(stretch.tokens));
        }
        stretches_size_ = 1;
    }
    std::size_t total() const { return stretches_[0].tokens; }

private:
    static constexpr std::size_t kMost = 256;

    struct Stretch {
        StretchTag tag;
        std::size_t tokens;
    };

    Known& known_;
    // Those that are being counted; the first stands for all other text, and has no tag.
    std::array<Stretch, kMost> stretches_;
    std::size_t stretches_size_ = 1, newest_ = 0, now_ = 0, deferred_size_ = 0;
    std::array<std::uint16_t, Deferred::kMost> deferred_;  // the stretches of what was deferred
};

// Tokens in a vector that serves many times, so that it is seldom made larger.
class IdBuffer {
public:
    std::size_t size() const { return filled_; }
    const TokenId* data() const { return ids_.data(); }

    // Where the next ones go, of which there are at most `size`; kSpare more may be written.
    TokenId* room(std::size_t size) {
        const std::size_t needed = filled_ + size + kSpare;
        if (ids_.size() < needed) [[unlikely]]
            ids_.resize(2 * needed);
        return &ids_[filled_];
    }
    void add(std::size_t size) { filled_ += size; }
    // Copies `at_once` at a time: past the ids, up to at_once - 1 more may be read.
    template <std::size_t at_once>
    CTXPACK_INLINE void append(const TokenId* ids, std::size_t size) {
        static_assert(at_once <= kSpare);
        TokenId* const to = room(size);
        for (std::size_t i = 0; i < size; i += at_once) std::memcpy(to + i, ids + i, at_once * sizeof(TokenId));
        filled_ += size;
    }

    void clear() {
        if (ids_.size() > kKept) std::vector<TokenId>().swap(ids_);
        filled_ = 0;
    }
    std::vector<TokenId> take() {
        if (ids_.size() <= kKept) return {ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(filled_)};
        ids_.resize(filled_);
        return std::exchange(ids_, {});
    }

private:
    static constexpr std::size_t kSpare = 2 * kCopied;
    static constexpr std::size_t kKept = std::size_t{1} << 18;  // tokens that there is room for between texts, at most

    std::vector<TokenId> ids_;
    std::size_t filled_ = 0;
};

// For encoding: tokens arrive in the text's order, but for those of deferred pretokens.
class IdSink {
public:
    static constexpr bool kWantsIds = true;
    static constexpr bool kWantsPretokens = false;
    static constexpr bool kKnowsStretches = false;

    // Scratch space: for all that is in order, and for what comes after a place that is not filled yet.
    struct Buffers {
        IdBuffer done, held;
    };

    explicit IdSink(Buffers& buffers)
        : done_(buffers.done), held_(buffers.held), copy_pairs_(copy_pairs_for(cpu::best_level())) {
        done_.clear();  // an exception may have left something
        held_.clear();
    }

    void add(const Tokens& tokens) {
        std::copy_n(tokens.ids, tokens.count, now_->room(tokens.count));
        now_->add(tokens.count);
    }
    // Where kReadable ids may be read. Most have no more.
    CTXPACK_INLINE void add_readable(const Tokens& tokens) {
        if (tokens.count > kReadable) [[unlikely]]
            return add(tokens);
        std::memcpy(now_->room(kReadable), tokens.ids, kReadable * sizeof(TokenId));
        now_->add(tokens.count);
    }
    // Of pretokens that are one token or two.
    void add_pairs(const TokenPair* pairs, std::size_t size) {
        now_->add(copy_pairs_(pairs, size, now_->room(2 * size)));
    }

    void defer() {
        now_ = &held_;
        places_.push_back(held_.size());
    }
    void fill_deferred(const Deferred& deferred, const MergeBatch& batch) {
        static_assert(MergeBatch::kReadable % kFew == 0);
        std::size_t from = 0;
        for (std::size_t i = 0; i < places_.size(); ++i) {
            done_.append<kMany>(held_.data() + from, places_[i] - from);
            const std::span<const TokenId> tokens = batch.tokens(deferred.numbers()[i]);
            done_.append<kFew>(tokens.data(), tokens.size());
            from = places_[i];
        }
        done_.append<kMany>(held_.data() + from, held_.size() - from);
        held_.clear();
        places_.clear();
        now_ = &done_;
    }

    std::vector<TokenId> take() { return done_.take(); }

private:
    // Tokens that are copied at once: of one pretoken, and of those between two that were deferred.
    static constexpr std::size_t kFew = 8, kMany = 32;

    IdBuffer& done_;
    IdBuffer& held_;
    IdBuffer* now_ = &done_;  // where tokens go
    CopyPairs copy_pairs_;
    std::vector<std::size_t> places_;
};

}  // namespace ctxpack::bpe
