// The loop over a text: split, look each pretoken up, merge the unknown ones.
//
// The tables are larger than the fast caches of a processor, so pretokens are taken in blocks: all of a block are
// split, hashed and prefetched before the first of them is looked up. Most are found at the first slot looked at, and
// that loop has no branch; what is left of the block, in order, is looked up with care.
#pragma once

#include "bpe/merge.hpp"
#include "bpe/pieces.hpp"
#include "bpe/probe.hpp"

namespace ctxpack::bpe {

// Tables and scratch space of one thread.
struct Workspace {
    Workspace(const Vocabulary& vocabulary, const Merges& merges) : pieces(vocabulary), merger(vocabulary, merges) {}

    Pieces pieces;
    Merger merger;
};

// Where counting sends what it finds.
class CountSink {
public:
    static constexpr bool kWantsIds = false;

    void add(std::size_t tokens) { total_ += tokens; }
    void add(const PieceTokens& tokens) { total_ += tokens.count; }

    std::size_t total() const { return total_; }

private:
    std::size_t total_ = 0;
};

// The same for encoding: tokens arrive in the text's order.
class IdSink {
public:
    static constexpr bool kWantsIds = true;

    // With room for so many tokens; it grows.
    explicit IdSink(std::size_t room) : ids_(room) {}

    CTXPACK_INLINE void add(const PieceTokens& tokens) {
        if (ids_.size() - filled_ < tokens.count) [[unlikely]] ids_.resize(2 * ids_.size() + tokens.count);
        if (tokens.count == 1) {
            ids_[filled_] = *tokens.ids;
        } else {
            std::copy_n(tokens.ids, tokens.count, &ids_[filled_]);
        }
        filled_ += tokens.count;
    }

    std::vector<TokenId> take() {
        ids_.resize(filled_);
        return std::move(ids_);
    }

private:
    std::vector<TokenId> ids_;
    std::size_t filled_ = 0;
};

template <class Splitter, class Sink>
class Scan {
public:
    Scan(Workspace& workspace, Sink& sink)
        : pieces_(workspace.pieces),
          merger_(workspace.merger),
          sink_(sink),
          split_(split::splitter_for<Splitter>(cpu::best_level())),
          probe_(probe_for<Sink::kWantsIds>(cpu::best_level())) {}

    void run(Bytes p, Bytes end) {
        while (p < end) {
            block_.filled = split_(p, end, block_.starts.data());
            const Probed probed = probe_(block_, pieces_.brief, end);
            if constexpr (Sink::kWantsIds) {
                for (std::size_t i = 0; i < block_.filled; ++i) pieces_.brief.prefetch_id(block_.slots[i]);
            } else {
                sink_.add(probed.tokens);
            }
            for (std::size_t i = 0; i < probed.rest; ++i) prefetch_rest(block_.rest[i], end);
            resolve(probed.rest, end);
        }
    }

private:
    void prefetch_rest(std::size_t at, Bytes end) {
        if (block_.size(at) <= kShort) return;
        if (block_.size(at) <= PieceKey<32>::kLongest) return prefetch_in(pieces_.medium, at, end);
        if (block_.size(at) <= PieceKey<64>::kLongest) return prefetch_in(pieces_.wide, at, end);
    }

    template <std::size_t Width>
    void prefetch_in(const PieceTable<Width>& table, std::size_t at, Bytes end) {
        block_.hashes[at] = hash_of(piece_key<Width>(block_.starts[at], block_.size(at), end));
        table.prefetch_home(block_.hashes[at]);
    }

    void resolve(std::size_t rest, Bytes end) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < rest; ++i) {
            add_found(from, block_.rest[i]);
            from = block_.rest[i] + 1;
            look_up(block_.rest[i], end);
        }
        add_found(from, block_.filled);
    }

    // Pretokens of the block that the probe found, and counted. Some may have been driven out by others of the block
    // since.
    void add_found(std::size_t from, std::size_t to) {
        if constexpr (Sink::kWantsIds) {
            for (; from < to; ++from) {
                const std::size_t slot = block_.slots[from];
                if (pieces_.brief.holds(slot, block_.keys[from])) [[likely]] {
                    sink_.add(pieces_.brief.tokens(slot));
                } else {
                    look_up(pieces_.brief, block_.keys[from], from);
                }
            }
        }
    }

    void look_up(std::size_t at, Bytes end) {
        const Bytes p = block_.starts[at];
        if (block_.size(at) <= kShort) return look_up(pieces_.brief, block_.keys[at], at);
        const std::size_t size = block_.size(at);
        if (size <= PieceKey<32>::kLongest) return look_up(pieces_.medium, piece_key<32>(p, size, end), at);
        if (size <= PieceKey<64>::kLongest) return look_up(pieces_.wide, piece_key<64>(p, size, end), at);
        const TokenId token = pieces_.token(p, size, end);
        if (token != kNoToken) return sink_.add(PieceTokens{1, &token});
        merge(at);
    }

    template <std::size_t Width>
    void look_up(PieceTable<Width>& table, const PieceKey<Width>& key, std::size_t at) {
        const PieceTokens tokens = table.find(key, block_.hashes[at]);
        if (tokens.count != 0) return sink_.add(tokens);
        table.add_piece(key, block_.hashes[at], merge(at));
    }

    // Of a pretoken that is no token, so that at least two come of it.
    const std::vector<TokenId>& merge(std::size_t at) {
        const std::vector<TokenId>& ids = merger_.merge(block_.starts[at], block_.size(at), 2);
        sink_.add(PieceTokens{ids.size(), ids.data()});
        return ids;
    }

    Pieces& pieces_;
    Merger& merger_;
    Sink& sink_;
    split::BlockSplitter split_;
    Probe probe_;
    Block block_;
};

}  // namespace ctxpack::bpe
