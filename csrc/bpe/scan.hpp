// The loop over a text: split, look each pretoken up, merge the unknown ones.
//
// The tables are larger than the fast caches of a processor, so pretokens are taken in blocks: a block is split, hashed
// and prefetched before the previous one is looked up. Most pretokens are tokens met lately or found in the
// first set looked at, and those loops have no branch; what is left of the block, in order, is looked up with care.
// Pretokens that are not known are deferred until there are enough of them to be merged side by side.
#pragma once

#include "bpe/deferred.hpp"
#include "bpe/merge.hpp"
#include "bpe/merge_batch.hpp"
#include "bpe/parts.hpp"
#include "bpe/pretoken_tables.hpp"
#include "bpe/probe.hpp"
#include "bpe/sinks.hpp"
#include "bpe/stretches.hpp"
#include "bpe/workspace.hpp"

namespace ctxpack::bpe {

template <class Splitter, class Sink>
class Scan {
public:
    Scan(Workspace& workspace, Sink& sink)
        : tables_(workspace.tables),
          recent_(recent(workspace)),
          merger_(workspace.merger),
          batch_(workspace.batch),
          merges_(workspace.merges),
          sink_(sink),
          parts_(merges_, splitter(), multi_byte_splitter(), !Sink::kWantsIds, kMayCut),
          find_recent_(find_recent_for<Sink::kWantsIds>(cpu::best_level())),
          probe_(probe_for<Sink::kWantsIds>(cpu::best_level())) {
        batch_.clear();  // an exception may have left something
    }

    void run(Bytes p, Bytes end) {
        if constexpr (Sink::kKnowsStretches) {
            if (end - p >= static_cast<std::ptrdiff_t>(kShortestTagged)) return run_by_stretches(p, end);
        }
        scan(p, end, end);
        finish_all(end);
    }

private:
    using Recent = RecentTokens<Sink::kWantsIds>;

    static Recent& recent(Workspace& workspace) {
        if constexpr (Sink::kWantsIds) return workspace.recent_encoded;
        else return workspace.recent_counted;
    }

    // Whether pretokens may be cut where no merge reaches across: before blanks while the text is split, elsewhere by
    // Parts. Not where each is wanted whole.
    static constexpr bool kMayCut = !Sink::kWantsPretokens;
    bool may_cut_at_blanks() const { return kMayCut && merges_.may_cut_at_blanks(); }

    // Into pairs of blanks for encoding, which copies the tokens of pretokens that are two at most together, and into
    // single ones for counting, which leaves out what is one byte.
    split::BlockSplitter splitter() const {
        using Pairs = typename split::Cutting<Splitter>::Pairs;
        return Sink::kWantsIds && may_cut_at_blanks() ? split::splitter_for<Pairs>(cpu::best_level())
                                                      : split::splitter_for<Splitter>(cpu::best_level());
    }
    split::MultiByteSplitter multi_byte_splitter() const {
        using Singles = typename split::Cutting<Splitter>::Singles;
        return may_cut_at_blanks() ? split::multi_byte_splitter_for<Singles>(cpu::best_level())
                                   : split::multi_byte_splitter_for<Splitter>(cpu::best_level());
    }

    void run_by_stretches(Bytes p, Bytes end) {
        for (Bytes next; p != end; p = next) {
            next = stretch_end(p, end);
            if (sink_.is_full()) settle(end);
            if (!sink_.knows(view(p, static_cast<std::size_t>(next - p)))) scan(p, next, end);
        }
        settle(end);
    }

    void settle(Bytes end) {
        finish_all(end);
        sink_.settle();
    }

    // A stretch of the text. What a block needs from the memory is asked for before the previous one is
    // finished.
    void scan(Bytes p, Bytes next, Bytes end) {
        parts_.turn_to(p, next);
        while (parts_.are_left()) {
            start(*ahead_, end);
            if (is_started_) finish(end);
            std::swap(block_, ahead_);
            is_started_ = true;
        }
    }

    void finish_all(Bytes end) {
        if (is_started_) finish(end);
        is_started_ = false;
        merge_deferred(end);
    }

    void start(Block& block, Bytes end) {
        if constexpr (Sink::kKnowsStretches) block.stretch = sink_.newest();
        turn_to(block);
        const std::size_t tokens = parts_.take(block);
        if constexpr (!Sink::kWantsIds) sink_.add(tokens);
        find_recent_(block, recent_, tables_.table16, end);
        if constexpr (!Sink::kWantsIds) sink_.add(block.filled - block.left);
        for (std::size_t i = 0; i < block.left; ++i) prefetch_longer(block, i, end);
    }

    void turn_to(const Block& block) {
        if constexpr (Sink::kKnowsStretches) sink_.turn_to(block.stretch);
    }

    void finish(Bytes end) {
        turn_to(*block_);
        const std::size_t tokens = probe_(*block_, tables_.table16, recent_);
        if constexpr (!Sink::kWantsIds) sink_.add(tokens);
        resolve(end);
    }

    void prefetch_longer(Block& block, std::size_t i, Bytes end) {
        const std::size_t size = block.sizes[i];
        if (size <= kShort) return;
        if (size <= TextKey<32>::kLongest) return prefetch_in(tables_.table32, block, i, end);
        if (size <= TextKey<64>::kLongest) return prefetch_in(tables_.table64, block, i, end);
        block.hashes[i] = LongPretokens::hash(view(block.rest_start(i), size));
        tables_.long_pretokens.prefetch_home(block.hashes[i]);
    }

    template <std::size_t Width>
    void prefetch_in(const PretokenTable<Width>& table, Block& block, std::size_t i, Bytes end) {
        block.hashes[i] = hash_of(text_key<Width>(block.rest_start(i), block.sizes[i], end));
        table.prefetch_home(block.hashes[i]);
    }

    void resolve(Bytes end) {
        std::size_t from = 0;
        for (const std::uint32_t i : std::span(block_->unfound).first(block_->left)) {
            add_found(from, block_->rest[i]);
            from = block_->rest[i] + 1;
            look_up(i, end);
        }
        add_found(from, block_->filled);
    }

    // Pretokens of the block that are one token or two.
    void add_found(std::size_t from, std::size_t to) {
        if constexpr (Sink::kWantsIds) sink_.add_pairs(&block_->pairs[from], to - from);
    }

    void look_up(std::size_t i, Bytes end) {
        const Bytes p = block_->rest_start(i);
        const std::size_t size = block_->sizes[i];
        if (size <= kShort) return look_up_short(i, end);
        if (size <= TextKey<32>::kLongest) return look_up(tables_.table32, text_key<32>(p, size, end), i, end);
        if (size <= TextKey<64>::kLongest) return look_up(tables_.table64, text_key<64>(p, size, end), i, end);
        const Tokens tokens = tables_.long_pretokens.find(view(p, size), block_->hashes[i]);
        if (tokens.count != 0) return sink_.add(tokens);
        if (!defer(i, end)) tables_.long_pretokens.add_pretoken(view(p, size), block_->hashes[i], merge(i));
    }

    void look_up_short(std::size_t i, Bytes end) {
        if constexpr (Sink::kWantsIds) {
            const std::size_t slot = block_->slots[i];
            if (tables_.table16.holds(slot, block_->keys[i])) return sink_.add_readable(tables_.table16.tokens(slot));
        }
        block_->hashes[i] = hash_of(block_->keys[i]);
        look_up(tables_.table16, block_->keys[i], i, end);
    }

    template <std::size_t Width>
    void look_up(PretokenTable<Width>& table, const TextKey<Width>& key, std::size_t i, Bytes end) {
        const Tokens tokens = table.find(key, block_->hashes[i]);
        if (tokens.count != 0) return sink_.add_readable(tokens);
        table.prefetch_pair(table.home(block_->hashes[i]));
        if (!defer(i, end)) table.add_pretoken(key, block_->hashes[i], merge(i));
    }

    // Of a pretoken that is no token, so that at least two come of it.
    const std::vector<TokenId>& merge(std::size_t i) {
        const std::vector<TokenId>& ids = merger_.merge(block_->rest_start(i), block_->sizes[i], 2);
        sink_.add(Tokens{ids.size(), ids.data()});
        return ids;
    }

    // Defers such a pretoken, to be merged with others, unless it is too long for that.
    bool defer(std::size_t i, Bytes end) {
        const Deferred::Pretoken pretoken{block_->rest_start(i), block_->sizes[i], block_->hashes[i]};
        if (!deferred_.join(pretoken)) {
            if (!batch_.add(pretoken.start, pretoken.size)) return false;
            deferred_.add(pretoken);
        }
        sink_.defer();
        if (deferred_.is_full() || batch_.is_full()) merge_deferred(end);
        return true;
    }

    void merge_deferred(Bytes end) {
        if (deferred_.to_merge().empty()) return;
        batch_.merge();
        sink_.fill_deferred(deferred_, batch_);
        for (std::size_t i = 0; i < deferred_.to_merge().size(); ++i)
            remember(deferred_.to_merge()[i], batch_.tokens(i), end);
        batch_.clear();
        deferred_.clear();
    }

    void remember(const Deferred::Pretoken& pretoken, std::span<const TokenId> ids, Bytes end) {
        if (pretoken.size <= kShort) return remember(tables_.table16, pretoken, ids, end);
        if (pretoken.size <= TextKey<32>::kLongest) return remember(tables_.table32, pretoken, ids, end);
        if (pretoken.size <= TextKey<64>::kLongest) return remember(tables_.table64, pretoken, ids, end);
        tables_.long_pretokens.add_pretoken(view(pretoken.start, pretoken.size), pretoken.hash, ids);
    }

    // A pretoken may have been deferred more than once.
    template <std::size_t Width>
    void remember(PretokenTable<Width>& table, const Deferred::Pretoken& pretoken, std::span<const TokenId> ids,
                  Bytes end) {
        const auto key = text_key<Width>(pretoken.start, pretoken.size, end);
        if (table.find(key, pretoken.hash).count == 0) table.add_pretoken(key, pretoken.hash, ids);
    }

    PretokenTables& tables_;
    Recent& recent_;
    Merger& merger_;
    MergeBatch& batch_;
    const Merges& merges_;
    Deferred deferred_;
    Sink& sink_;
    Parts parts_;
    FindRecent<Sink::kWantsIds> find_recent_;
    Probe<Sink::kWantsIds> probe_;
    std::array<Block, 2> blocks_;
    Block* block_ = &blocks_[0];  // that is being finished, or the next to be, once it is started
    bool is_started_ = false;
    Block* ahead_ = &blocks_[1];  // the one after it in the text, that is started, or the next to be
};

}  // namespace ctxpack::bpe
