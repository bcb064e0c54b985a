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
    PieceCache<64, 16> long_pieces;
};

struct Piece {
    Bytes text;
    std::size_t size;
    std::uint64_t hash;
    PieceKey key;  // of a short piece
    TokenId id;    // of a piece that is one token; set by IdSink

    bool is_short() const { return size <= kShort; }
};

// Where counting sends what it finds: one method per way a pretoken's tokens are known.
class CountSink {
public:
    // Whether the pretoken is one token.
    bool is_token(const Vocabulary& vocabulary, Piece& piece) {
        const bool known = piece.is_short() ? vocabulary.contains(piece.key, piece.hash)
                                            : vocabulary.find(piece.text, piece.size, piece.hash) != kNoToken;
        total_ += known;
        return known;
    }
    // Pretokens that are one token each.
    void add_tokens(const Piece*, const Piece*) {}
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

    bool is_token(const Vocabulary& vocabulary, Piece& piece) {
        piece.id = piece.is_short() ? vocabulary.find(piece.key, piece.hash)
                                    : vocabulary.find(piece.text, piece.size, piece.hash);
        return piece.id != kNoToken;
    }
    void add_tokens(const Piece* begin, const Piece* end) {
        for (; begin < end; ++begin) ids_.push_back(begin->id);
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
            const std::size_t filled = split(p, end);
            for (std::size_t i = 0; i < filled; ++i) prepare(block_[i], end);
            resolve(filled, find_tokens(filled));
        }
    }

private:
    static constexpr std::size_t kBlock = 64;

    // Fills the block with the pretokens from `p` on, moves `p` behind them and says how many there are.
    std::size_t split(Bytes& p, Bytes end) {
        std::size_t filled = 0;
        Bytes from = p;
        for (; filled < kBlock && from < end; ++filled) {
            const Bytes to = Splitter::next(from, end);
            block_[filled].text = from;
            block_[filled].size = static_cast<std::size_t>(to - from);
            from = to;
        }
        p = from;
        return filled;
    }

    void prepare(Piece& piece, Bytes end) {
        if (piece.is_short()) {
            piece.key = short_key(piece.text, piece.size, end);
            piece.hash = hash_of(piece.key);
            vocabulary_.prefetch_short(piece.hash);
        } else {
            piece.hash = hash_of(piece.text, piece.size);
            vocabulary_.prefetch_long(piece.hash);
        }
    }

    // Looks the block up in the vocabulary; lists the pretokens that are no token and says how many they are.
    std::size_t find_tokens(std::size_t filled) {
        std::size_t unknown = 0;
        for (std::size_t i = 0; i < filled; ++i) {
            Piece& piece = block_[i];
            if (sink_.is_token(vocabulary_, piece)) continue;
            unknown_[unknown++] = i;
            piece.is_short() ? workspace_.short_pieces.prefetch_slot(piece.hash)
                             : workspace_.long_pieces.prefetch_slot(piece.hash);
        }
        return unknown;
    }

    void resolve(std::size_t filled, std::size_t unknown) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < unknown; ++i) {
            const std::size_t at = unknown_[i];
            sink_.add_tokens(&block_[from], &block_[at]);
            look_up(block_[at]);
            from = at + 1;
        }
        sink_.add_tokens(block_.data() + from, block_.data() + filled);
    }

    void look_up(const Piece& piece) {
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
    std::array<std::size_t, kBlock> unknown_;
};

}  // namespace ctxpack::bpe
