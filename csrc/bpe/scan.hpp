// The loop over a text: split, look each pretoken up, merge the unknown ones.
//
// The tables are larger than the fast caches of a processor, so pretokens are taken in blocks: a block is split, hashed
// and prefetched before the block ahead of it is looked up. Most pretokens are tokens met lately or found at the first
// slot looked at, and those loops have no branch; what is left of the block, in order, is looked up with care. Pretokens
// that are not known are left for later, until there are enough of them to be merged side by side.
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
    Workspace(const Vocabulary& vocabulary, const Merges& merges)
        : pieces(vocabulary),
          merger(vocabulary, merges),
          batch(merge_batch_for(cpu::best_level(), vocabulary, merges)) {}

    Pieces pieces;
    std::array<RecentTokens, 2> recent;  // without and with ids
    Merger merger;
    std::unique_ptr<MergeBatch> batch;
    std::vector<TokenId> ids;  // for an IdSink
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

    // Keeps them in `scratch`, which has served for this before or is empty.
    explicit IdSink(std::vector<TokenId>& scratch) : ids_(scratch) {}

    void add(const PieceTokens& tokens) {
        make_room(tokens.count);
        std::copy_n(tokens.ids, tokens.count, &ids_[filled_]);
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

template <class Splitter, class Sink>
class Scan {
public:
    Scan(Workspace& workspace, Sink& sink)
        : pieces_(workspace.pieces),
          recent_(workspace.recent[Sink::kWantsIds]),
          merger_(workspace.merger),
          batch_(*workspace.batch),
          sink_(sink),
          split_(split::splitter_for<Splitter>(cpu::best_level())),
          probe_(probe_for<Sink::kWantsIds>(cpu::best_level())) {
        batch_.clear();  // an exception may have left something
    }

    // What a block needs from the memory is asked for before the block ahead of it is finished.
    void run(Bytes p, Bytes end) {
        if (p == end) return;
        start(*ahead_, p, end);
        while (p < end) {
            std::swap(block_, ahead_);
            start(*ahead_, p, end);
            finish(end);
        }
        std::swap(block_, ahead_);
        finish(end);
        merge_waiting(end);
    }

private:
    void start(Block& block, Bytes& p, Bytes end) {
        block.filled = split_(p, end, block.starts.data());
        look_among_recent<Sink::kWantsIds>(block, recent_, pieces_.brief, end);
        if constexpr (!Sink::kWantsIds) sink_.add(block.filled - block.left);
        for (std::size_t i = 0; i < block.left; ++i) prefetch_longer(block, block.rest[i], end);
    }

    void finish(Bytes end) {
        const std::size_t tokens = probe_(*block_, pieces_.brief, recent_);
        if constexpr (!Sink::kWantsIds) sink_.add(tokens);
        resolve(end);
    }

    void prefetch_longer(Block& block, std::size_t at, Bytes end) {
        if (block.size(at) <= kShort) return;
        if (block.size(at) <= PieceKey<32>::kLongest) return prefetch_in(pieces_.medium, block, at, end);
        if (block.size(at) <= PieceKey<64>::kLongest) return prefetch_in(pieces_.wide, block, at, end);
    }

    template <std::size_t Width>
    void prefetch_in(const PieceTable<Width>& table, Block& block, std::size_t at, Bytes end) {
        block.longer_hashes[at] = hash_of(piece_key<Width>(block.starts[at], block.size(at), end));
        table.prefetch_home(block.longer_hashes[at]);
    }

    void resolve(Bytes end) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < block_->left; ++i) {
            add_found(from, block_->rest[i]);
            from = block_->rest[i] + 1;
            look_up(block_->rest[i], end);
        }
        add_found(from, block_->filled);
    }

    // Pretokens of the block that are a token each.
    void add_found(std::size_t from, std::size_t to) {
        if constexpr (Sink::kWantsIds) sink_.add_each(&block_->ids[from], to - from);
    }

    void look_up(std::size_t at, Bytes end) {
        const Bytes p = block_->starts[at];
        const std::size_t size = block_->size(at);
        if (size <= kShort) return look_up_brief(at, end);
        block_->hashes[at] = block_->longer_hashes[at];
        if (size <= PieceKey<32>::kLongest) return look_up(pieces_.medium, piece_key<32>(p, size, end), at, end);
        if (size <= PieceKey<64>::kLongest) return look_up(pieces_.wide, piece_key<64>(p, size, end), at, end);
        block_->hashes[at] = size;
        const PieceTokens tokens = pieces_.longer.find(view(p, size));
        if (tokens.count != 0) return sink_.add(tokens);
        if (!leave(at, end)) pieces_.longer.add_piece(view(p, size), merge(at));
    }

    void look_up_brief(std::size_t at, Bytes end) {
        if constexpr (Sink::kWantsIds) {
            const std::size_t slot = block_->slots[at];
            if (pieces_.brief.holds(slot, block_->keys[at])) return sink_.add(pieces_.brief.tokens(slot));
        }
        look_up(pieces_.brief, block_->keys[at], at, end);
    }

    template <std::size_t Width>
    void look_up(PieceTable<Width>& table, const PieceKey<Width>& key, std::size_t at, Bytes end) {
        const PieceTokens tokens = table.find(key, block_->hashes[at]);
        if (tokens.count != 0) return sink_.add(tokens);
        table.prefetch_id(table.home(block_->hashes[at]));
        if (!leave(at, end)) table.add_piece(key, block_->hashes[at], merge(at));
    }

    // Of a pretoken that is no token, so that at least two come of it.
    const std::vector<TokenId>& merge(std::size_t at) {
        const std::vector<TokenId>& ids = merger_.merge(block_->starts[at], block_->size(at), 2);
        sink_.add(PieceTokens{ids.size(), ids.data()});
        return ids;
    }

    // Leaves such a pretoken to be merged with others, unless it is too long for that.
    bool leave(std::size_t at, Bytes end) {
        const Waiting::Piece piece{block_->starts[at], block_->size(at), block_->hashes[at]};
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
        for (std::size_t i = 0; i < waiting_.pieces().size(); ++i) remember(waiting_.pieces()[i], batch_.tokens(i), end);
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
    RecentTokens& recent_;
    Merger& merger_;
    MergeBatch& batch_;
    Waiting waiting_;
    Sink& sink_;
    split::BlockSplitter split_;
    Probe probe_;
    std::array<Block, 2> blocks_;
    Block* block_ = &blocks_[0];  // that is being finished
    Block* ahead_ = &blocks_[1];  // that is started, or the next to be
};

}  // namespace ctxpack::bpe
