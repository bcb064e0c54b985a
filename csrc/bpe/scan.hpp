// The loop over a text: split, look each pretoken up, merge the unknown ones.
//
// The tables are larger than the fast caches of a processor, so pretokens are taken in blocks: all of a block are
// split, hashed and prefetched before the first of them is looked up.
#pragma once

#include <array>

#include "bpe/merge.hpp"
#include "bpe/piece_cache.hpp"

namespace ctxpack::bpe {

// Caches and scratch space of one thread.
struct Workspace {
    explicit Workspace(const Vocabulary& vocabulary) : merger(vocabulary) {}

    Merger merger;
    PieceCache<16, 17> short_pieces;
    PieceCache<64, 14> long_pieces;
};

struct Piece {
    Bytes text;
    std::size_t size;
    std::uint64_t hash;
    PieceKey key;  // of a short piece

    bool is_short() const { return size <= kShort; }
};

// Where counting sends what it finds: one method per way a pretoken's tokens are known.
class CountSink {
public:
    // A pretoken that is one token: says whether it is.
    bool add_token(const Vocabulary& vocabulary, const Piece& piece) {
        const bool known = piece.is_short() ? vocabulary.contains(piece.key, piece.hash)
                                            : vocabulary.find(piece.text, piece.size, piece.hash) != kNoToken;
        total_ += known;
        return known;
    }
    // Tokens remembered from before: says whether the cache had them all.
    bool add_cached(unsigned count, const TokenId*) {
        total_ += count;
        return count != 0;
    }
    void add_merged(const std::vector<TokenId>& ids) { total_ += ids.size(); }

    std::size_t total() const { return total_; }

private:
    std::size_t total_ = 0;
};

// The same for encoding.
class IdSink {
public:
    explicit IdSink(std::vector<TokenId>& ids) : ids_(ids) {}

    bool add_token(const Vocabulary& vocabulary, const Piece& piece) {
        const TokenId id = piece.is_short() ? vocabulary.find(piece.key, piece.hash)
                                            : vocabulary.find(piece.text, piece.size, piece.hash);
        if (id != kNoToken) ids_.push_back(id);
        return id != kNoToken;
    }
    bool add_cached(unsigned count, const TokenId* ids) {
        if (ids == nullptr) return false;
        ids_.insert(ids_.end(), ids, ids + count);
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
        : vocabulary_(vocabulary), workspace_(workspace), sink_(sink) {}

    void run(Bytes p, Bytes end) {
        while (p < end) {
            std::size_t filled = 0;
            for (; filled < kBlock && p < end; ++filled) p = prepare(block_[filled], p, end);
            for (std::size_t i = 0; i < filled; ++i) look_up(block_[i]);
        }
    }

private:
    static constexpr std::size_t kBlock = 64;

    Bytes prepare(Piece& piece, Bytes p, Bytes end) {
        const Bytes next = Splitter::next(p, end);
        piece.text = p;
        piece.size = static_cast<std::size_t>(next - p);
        if (piece.is_short()) {
            piece.key = short_key(p, piece.size, end);
            piece.hash = hash_of(piece.key);
            vocabulary_.prefetch_short(piece.hash);
        } else {
            piece.hash = hash_of(p, piece.size);
            vocabulary_.prefetch_long(piece.hash);
        }
        return next;
    }

    void look_up(const Piece& piece) {
        if (sink_.add_token(vocabulary_, piece)) return;
        if (piece.is_short()) return from_cache(workspace_.short_pieces, piece);
        if (piece.size <= workspace_.long_pieces.kLongest) return from_cache(workspace_.long_pieces, piece);
        sink_.add_merged(workspace_.merger.merge(piece.text, piece.size));
    }

    template <class Cache>
    void from_cache(Cache& cache, const Piece& piece) {
        const auto entry = cache.find(piece.text, piece.size, piece.hash);
        if (sink_.add_cached(entry.count, entry.ids)) return;
        const std::vector<TokenId>& ids = workspace_.merger.merge(piece.text, piece.size);
        if (entry.count == 0) cache.insert(piece.text, piece.size, piece.hash, ids);
        sink_.add_merged(ids);
    }

    const Vocabulary& vocabulary_;
    Workspace& workspace_;
    Sink& sink_;
    std::array<Piece, kBlock> block_;
};

}  // namespace ctxpack::bpe
