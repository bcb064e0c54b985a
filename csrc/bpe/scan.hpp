// The loop over a text: split, look each pretoken up, merge the unknown ones.
//
// The tables are larger than the fast caches of a processor, so pretokens are taken in blocks: all of a block are
// split, hashed and prefetched before the first of them is looked up. Most are found at the first slot looked at, and
// that loop has no branch; what is left of the block, in order, is looked up with care.
#pragma once

#include <array>

#include "bpe/merge.hpp"
#include "bpe/piece_cache.hpp"
#include "split/splitter.hpp"

namespace ctxpack::bpe {

// Caches and scratch space of one thread.
struct Workspace {
    explicit Workspace(const Vocabulary& vocabulary) : merger(vocabulary) {}

    Merger merger;
    ShortPieceCache short_pieces;
    LongPieceCache long_pieces;
};

// Where counting sends what it finds.
class CountSink {
public:
    static constexpr bool kWantsIds = false;

    void add_token(TokenId) { ++total_; }
    void add_tokens(std::size_t count) { total_ += count; }
    // Tokens remembered from before: says whether the cache had them all.
    bool add_cached(const CachedTokens& tokens) {
        total_ += tokens.count;
        return tokens.count != 0;
    }
    void add_merged(const std::vector<TokenId>& ids) { total_ += ids.size(); }

    std::size_t total() const { return total_; }

private:
    std::size_t total_ = 0;
};

// The same for encoding: tokens arrive in the text's order.
class IdSink {
public:
    static constexpr bool kWantsIds = true;

    explicit IdSink(std::vector<TokenId>& ids) : ids_(ids) {}

    void add_token(TokenId id) { ids_.push_back(id); }
    bool add_cached(const CachedTokens& tokens) {
        if (tokens.ids == nullptr) return false;
        ids_.insert(ids_.end(), tokens.ids, tokens.ids + tokens.count);
        return true;
    }
    void add_merged(const std::vector<TokenId>& ids) { ids_.insert(ids_.end(), ids.begin(), ids.end()); }

private:
    std::vector<TokenId>& ids_;
};

template <class Splitter, class Sink>
class Scan {
public:
    Scan(const Vocabulary& vocabulary, Workspace& workspace, Sink& sink)
        : vocabulary_(vocabulary),
          workspace_(workspace),
          sink_(sink),
          split_(split::splitter_for<Splitter>(cpu::best_level())) {}

    void run(Bytes p, Bytes end) {
        while (p < end) {
            const std::size_t filled = split_(p, end, starts_.data());
            prepare(filled, end);
            const std::size_t rest = find_at_home(filled);
            for (std::size_t i = 0; i < rest; ++i) prefetch_others(rest_[i]);
            resolve(filled, rest);
        }
    }

private:
    struct Piece {
        PieceKey key;
        std::uint64_t hash;
    };

    std::size_t size(std::size_t at) const { return static_cast<std::size_t>(starts_[at + 1] - starts_[at]); }

    void prepare(std::size_t filled, Bytes end) {
        std::size_t i = 0;
        for (; i < filled && end - starts_[i] >= 16; ++i) prepare(i, roomy_key(starts_[i], size(i)));
        for (; i < filled; ++i) prepare(i, short_key(starts_[i], size(i), end));
    }

    void prepare(std::size_t at, PieceKey key) {
        block_[at] = {key, hash_of(key)};
        vocabulary_.prefetch_short(block_[at].hash);
    }

    // Lists the pretokens of the block that are not where the vocabulary has most of its tokens; says how many.
    std::size_t find_at_home(std::size_t filled) {
        std::size_t rest = 0;
        for (std::size_t i = 0; i < filled; ++i) {
            rest_[rest] = i;
            rest += !vocabulary_.is_home(block_[i].key, block_[i].hash);
        }
        if constexpr (!Sink::kWantsIds) sink_.add_tokens(filled - rest);
        return rest;
    }

    void prefetch_others(std::size_t at) {
        Piece& piece = block_[at];
        if (size(at) <= kShort) return workspace_.short_pieces.prefetch_slot(piece.hash);
        piece.hash = hash_of(starts_[at], size(at));
        vocabulary_.prefetch_long(piece.hash);
        workspace_.long_pieces.prefetch_slot(piece.hash);
    }

    void resolve(std::size_t filled, std::size_t rest) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < rest; ++i) {
            add_home(from, rest_[i]);
            from = rest_[i] + 1;
            look_up(rest_[i]);
        }
        add_home(from, filled);
    }

    // Pretokens of the block that were found at home; those of a count have been added.
    void add_home(std::size_t from, std::size_t to) {
        if constexpr (Sink::kWantsIds) {
            for (; from < to; ++from) sink_.add_token(vocabulary_.home_id(block_[from].hash));
        }
    }

    void look_up(std::size_t at) {
        const Piece& piece = block_[at];
        const Bytes text = starts_[at];
        const bool is_short = size(at) <= kShort;
        const TokenId id =
            is_short ? vocabulary_.find(piece.key, piece.hash) : vocabulary_.find(text, size(at), piece.hash);
        if (id != kNoToken) return sink_.add_token(id);
        if (is_short) return from_cache(workspace_.short_pieces, piece.key, piece.hash, at);
        if (size(at) > LongPieceCache::kLongest) return sink_.add_merged(workspace_.merger.merge(text, size(at)));
        from_cache(workspace_.long_pieces, LongPiece{text, size(at)}, piece.hash, at);
    }

    template <class Cache, class Key>
    void from_cache(Cache& cache, Key key, std::uint64_t hash, std::size_t at) {
        const CachedTokens tokens = cache.find(key, hash);
        if (sink_.add_cached(tokens)) return;
        const std::vector<TokenId>& ids = workspace_.merger.merge(starts_[at], size(at));
        if (tokens.count == 0) cache.insert(key, hash, ids);
        sink_.add_merged(ids);
    }

    const Vocabulary& vocabulary_;
    Workspace& workspace_;
    Sink& sink_;
    split::BlockSplitter split_;
    std::array<Bytes, split::kStarts + 1> starts_;
    std::array<Piece, split::kStarts> block_;
    std::array<std::size_t, split::kStarts> rest_;
};

}  // namespace ctxpack::bpe
