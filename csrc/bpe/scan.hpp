// The loop over a text: split, look each pretoken up, merge the unknown ones.
//
// The tables are larger than the fast caches of a processor, so pretokens are taken in blocks: all of a block are
// split, hashed and prefetched before the first of them is looked up. Most are found at the first slot looked at, and
// that loop has no branch; what is left of the block, in order, is looked up with care. Pretokens that are not known are
// left for later, until there are enough of them to be merged side by side.
#pragma once

#include "bpe/merge.hpp"
#include "bpe/merge_batch.hpp"
#include "bpe/pieces.hpp"
#include "bpe/probe.hpp"

namespace ctxpack::bpe {

// Pretokens that wait to be merged: what they are, without repeats, and which of these each of them is, in the text's
// order.
class Waiting {
public:
    static constexpr std::size_t kMost = 2 * MergeBatch::kMost;

    struct Piece {
        Bytes start;
        std::size_t size;
        std::uint64_t hash;
    };

    std::span<const Piece> pieces() const { return {pieces_.data(), size_}; }
    std::span<const std::uint32_t> numbers() const { return {numbers_.data(), waiting_}; }
    bool is_full() const { return size_ == MergeBatch::kMost || waiting_ == kMost; }

    // Lets a piece wait with one that is the same; false where there is none that is easily found.
    bool join(const Piece& piece) {
        const std::uint32_t number = last_[piece.hash % kLast];
        if (number >= size_ || !same(pieces_[number], piece)) return false;
        numbers_[waiting_++] = number;
        return true;
    }
    void add(const Piece& piece) {
        last_[piece.hash % kLast] = numbers_[waiting_++] = static_cast<std::uint32_t>(size_);
        pieces_[size_++] = piece;
    }
    void clear() { size_ = waiting_ = 0; }

private:
    static constexpr std::size_t kLast = 64;

    static bool same(const Piece& left, const Piece& right) {
        return left.hash == right.hash && view(left.start, left.size) == view(right.start, right.size);
    }

    std::size_t size_ = 0, waiting_ = 0;
    std::array<Piece, MergeBatch::kMost> pieces_;
    std::array<std::uint32_t, kMost> numbers_;
    std::array<std::uint32_t, kLast> last_{};  // the last piece of those hashes
};

// Tables and scratch space of one thread.
struct Workspace {
    Workspace(const Vocabulary& vocabulary, const Merges& merges) : pieces(vocabulary), merger(vocabulary, merges), batch(vocabulary, merges) {}

    Pieces pieces;
    Merger merger;
    MergeBatch batch;
};

// Where counting sends what it finds.
class CountSink {
public:
    static constexpr bool kWantsIds = false;

    void add(std::size_t tokens) { total_ += tokens; }
    void add(const PieceTokens& tokens) { total_ += tokens.count; }
    void leave() {}
    void fill(const Waiting& waiting, const MergeBatch& batch) {
        for (const std::uint32_t number : waiting.numbers()) total_ += batch.tokens(number).size();
    }

    std::size_t total() const { return total_; }

private:
    std::size_t total_ = 0;
};

// The same for encoding: tokens arrive in the text's order, but for those of pretokens whose place is left to be filled.
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

    void leave() { places_.push_back(filled_); }
    // From the last place on, what lies behind it moves up.
    void fill(const Waiting& waiting, const MergeBatch& batch) {
        std::size_t end = filled_;
        for (const std::uint32_t number : waiting.numbers()) filled_ += batch.tokens(number).size();
        if (ids_.size() < filled_) ids_.resize(2 * filled_);
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
        ids_.resize(filled_);
        return std::move(ids_);
    }

private:
    std::vector<TokenId> ids_;
    std::size_t filled_ = 0;
    std::vector<std::size_t> places_;
};

template <class Splitter, class Sink>
class Scan {
public:
    Scan(Workspace& workspace, Sink& sink)
        : pieces_(workspace.pieces),
          merger_(workspace.merger),
          batch_(workspace.batch),
          sink_(sink),
          split_(split::splitter_for<Splitter>(cpu::best_level())),
          probe_(probe_for<Sink::kWantsIds>(cpu::best_level())) {
        batch_.clear();  // an exception may have left something
    }

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
        merge_waiting(end);
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
            add_found(from, block_.rest[i], end);
            from = block_.rest[i] + 1;
            look_up(block_.rest[i], end);
        }
        add_found(from, block_.filled, end);
    }

    // Pretokens of the block that the probe found, and counted. Some may have been driven out by others of the block
    // since.
    void add_found(std::size_t from, std::size_t to, Bytes end) {
        if constexpr (Sink::kWantsIds) {
            for (; from < to; ++from) {
                const std::size_t slot = block_.slots[from];
                if (pieces_.brief.holds(slot, block_.keys[from])) [[likely]] {
                    sink_.add(pieces_.brief.tokens(slot));
                } else {
                    look_up(pieces_.brief, block_.keys[from], from, end);
                }
            }
        }
    }

    void look_up(std::size_t at, Bytes end) {
        const Bytes p = block_.starts[at];
        if (block_.size(at) <= kShort) return look_up(pieces_.brief, block_.keys[at], at, end);
        const std::size_t size = block_.size(at);
        if (size <= PieceKey<32>::kLongest) return look_up(pieces_.medium, piece_key<32>(p, size, end), at, end);
        if (size <= PieceKey<64>::kLongest) return look_up(pieces_.wide, piece_key<64>(p, size, end), at, end);
        block_.hashes[at] = size;
        const PieceTokens tokens = pieces_.longer.find(view(p, size));
        if (tokens.count != 0) return sink_.add(tokens);
        if (!leave(at, end)) pieces_.longer.add_piece(view(p, size), merge(at));
    }

    template <std::size_t Width>
    void look_up(PieceTable<Width>& table, const PieceKey<Width>& key, std::size_t at, Bytes end) {
        const PieceTokens tokens = table.find(key, block_.hashes[at]);
        if (tokens.count != 0) return sink_.add(tokens);
        table.prefetch_id(table.home(block_.hashes[at]));
        if (!leave(at, end)) table.add_piece(key, block_.hashes[at], merge(at));
    }

    // Of a pretoken that is no token, so that at least two come of it.
    const std::vector<TokenId>& merge(std::size_t at) {
        const std::vector<TokenId>& ids = merger_.merge(block_.starts[at], block_.size(at), 2);
        sink_.add(PieceTokens{ids.size(), ids.data()});
        return ids;
    }

    // Leaves such a pretoken to be merged with others, unless it is too long for that.
    bool leave(std::size_t at, Bytes end) {
        const Waiting::Piece piece{block_.starts[at], block_.size(at), block_.hashes[at]};
        if (!waiting_.join(piece)) {
            if (!batch_.add(piece.start, piece.size)) return false;
            waiting_.add(piece);
        }
        sink_.leave();
        if (waiting_.is_full()) merge_waiting(end);
        return true;
    }

    void merge_waiting(Bytes end) {
        batch_.merge();
        sink_.fill(waiting_, batch_);
        for (std::size_t i = 0; i < batch_.size(); ++i) remember(waiting_.pieces()[i], batch_.tokens(i), end);
        batch_.clear();
        waiting_.clear();
    }

    void remember(const Waiting::Piece& piece, std::span<const TokenId> ids, Bytes end) {
        if (piece.size <= kShort) return remember(pieces_.brief, piece, ids, end);
        if (piece.size <= PieceKey<32>::kLongest) return remember(pieces_.medium, piece, ids, end);
        if (piece.size <= PieceKey<64>::kLongest) return remember(pieces_.wide, piece, ids, end);
        pieces_.longer.add_piece(view(piece.start, piece.size), ids);
    }

    // A pretoken may have waited more than once.
    template <std::size_t Width>
    void remember(PieceTable<Width>& table, const Waiting::Piece& piece, std::span<const TokenId> ids, Bytes end) {
        const auto key = piece_key<Width>(piece.start, piece.size, end);
        if (table.find(key, piece.hash).count == 0) table.add_piece(key, piece.hash, ids);
    }

    Pieces& pieces_;
    Merger& merger_;
    MergeBatch& batch_;
    Waiting waiting_;
    Sink& sink_;
    split::BlockSplitter split_;
    Probe probe_;
    Block block_;
};

}  // namespace ctxpack::bpe
