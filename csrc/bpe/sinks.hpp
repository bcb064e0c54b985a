// Where counting and encoding send what a scan finds.
#pragma once

#include <vector>

#include "bpe/probe.hpp"
#include "bpe/waiting.hpp"

namespace ctxpack::bpe {

class CountSink {
public:
    static constexpr bool kWantsIds = false;
    static constexpr bool kWantsPretokens = false;

    void add(std::size_t tokens) { total_ += tokens; }
    void add(const PieceTokens& tokens) { total_ += tokens.count; }
    void add_readable(const PieceTokens& tokens) { add(tokens); }
    void leave() {}
    void fill(const Waiting& waiting, const MergeBatch& batch) {
        for (const std::uint32_t number : waiting.numbers()) total_ += batch.tokens(number).size();
    }

    std::size_t total() const { return total_; }

private:
    std::size_t total_ = 0;
};

// For encoding: tokens arrive in the text's order, but for those of pretokens whose place is left to be filled.
class IdSink {
public:
    static constexpr bool kWantsIds = true;
    static constexpr bool kWantsPretokens = false;  // but what they become, in the text's order

    // Keeps them in `scratch`, which has served for this before or is empty.
    explicit IdSink(std::vector<TokenId>& scratch) : ids_(scratch) {}

    void add(const PieceTokens& tokens) {
        make_room(tokens.count);
        std::copy_n(tokens.ids, tokens.count, &ids_[filled_]);
        filled_ += tokens.count;
    }
    // Where kReadable ids may be read. Most have no more.
    CTXPACK_INLINE void add_readable(const PieceTokens& tokens) {
        if (tokens.count > kReadable) [[unlikely]] return add(tokens);
        make_room(kReadable);
        std::memcpy(&ids_[filled_], tokens.ids, kReadable * sizeof(TokenId));
        filled_ += tokens.count;
    }
    // Of pretokens that are a token each. Copies some that lie behind them, too.
    CTXPACK_INLINE void add_each(const TokenId* ids, std::size_t size) {
        make_room(size);
        for (std::size_t i = 0; i < size; i += Block::kCopied) {
            std::memcpy(&ids_[filled_ + i], ids + i, Block::kCopied * sizeof(TokenId));
        }
        filled_ += size;
    }

    void leave() { places_.push_back(filled_); }
    // From the last place on, what lies behind it moves up.
    void fill(const Waiting& waiting, const MergeBatch& batch) {
        std::size_t end = filled_;
        for (const std::uint32_t number : waiting.numbers()) filled_ += batch.tokens(number).size();
        make_room(0);
        TokenId* const ids = ids_.data();
        TokenId* to = ids + filled_;
        for (std::size_t i = places_.size(); i-- > 0; end = places_[i]) {
            const std::span<const TokenId> tokens = batch.tokens(waiting.numbers()[i]);
            to = std::copy_backward(ids + places_[i], ids + end, to);
            to = std::copy_backward(tokens.begin(), tokens.end(), to);
        }
        places_.clear();
    }

    std::vector<TokenId> take() {
        if (ids_.size() <= kKept) return {ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(filled_)};
        ids_.resize(filled_);
        return std::move(ids_);
    }

private:
    static constexpr std::size_t kKept = std::size_t{1} << 18;  // tokens that scratch space has room for at most

    void make_room(std::size_t size) {
        const std::size_t needed = filled_ + size + Block::kCopied;
        if (ids_.size() < needed) [[unlikely]] ids_.resize(2 * needed);
    }

    std::vector<TokenId>& ids_;
    std::size_t filled_ = 0;
    std::vector<std::size_t> places_;
};

}  // namespace ctxpack::bpe
