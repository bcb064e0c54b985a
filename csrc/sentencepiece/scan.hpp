// The loop over normalized text: cut, look every word up, segment the unknown ones.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "sentencepiece/block.hpp"
#include "sentencepiece/skipped.hpp"
#include "sentencepiece/splitter.hpp"
#include "sentencepiece/tokens.hpp"
#include "sentencepiece/workspace.hpp"

namespace ctxpack::sentencepiece {

// Words are taken in blocks, one for each chunk of text: all of a block are found, hashed and prefetched before the
// block in front of it is looked up. Words is one of the classes of words.hpp.
template <class Segmenter, class Sink, class Words>
class Scan {
public:
    Scan(const Splitter& splitter, Workspace<Segmenter>& workspace, Sink& sink)
        : splitter_(splitter), workspace_(workspace), segmenter_(workspace.segmenter), sink_(sink) {}

    // Segments [p, end), before and after which kPadding bytes may be read.
    void run(Bytes p, Bytes end) {
        if (p == end) return;
        begin_ = p;
        ahead_->words.begin(p);
        fill_ahead(p, end);
        while (p < end) {
            const Bytes unended = ahead_->words.start(ahead_->count);
            std::swap(block_, ahead_);
            ahead_->words.begin(unended);
            fill_ahead(p, end);
            finish();
        }
        std::swap(block_, ahead_);
        finish();
    }

private:
    using Block = sentencepiece::Block<Segmenter, Words>;
    using Note = typename Segmenter::Note;
    using Worth = typename Segmenter::Worth;
    using Slot = ShortSlot<Note>;

    Bytes start(std::size_t i) const { return block_->words.start(i); }
    std::size_t size(std::size_t i) const { return block_->words.size(i); }

    void fill_ahead(Bytes& p, Bytes end) {
        Block& block = *ahead_;
        const auto size = std::min(static_cast<std::size_t>(end - p), Splitter::kChunk);
        std::size_t found = block.words.add(splitter_, p, size, p == begin_, sink_);
        p += size;
        if (p == end) block.words.end(p, found++);
        block.count = found;
        if constexpr (Sink::kWantsWords) {
            for (std::size_t i = 0; i < found; ++i) {
                block.prepare(workspace_, i);
                if constexpr (!Sink::kTakesCounts) workspace_.short_words.prefetch_ids(block.lines[i]);
            }
        } else {
            workspace_.write_keys(block.words.starts(), block.words.ends(), found, end, block.recent_keys.data(),
                                  block.recent_homes.data());
            block.left = workspace_.recent_words.find(block.recent_keys.data(), block.recent_homes.data(), found,
                                                      block.worths.data(), block.rest.data());
            for (std::size_t i = 0; i < block.left; ++i) block.prepare(workspace_, block.rest[i]);
        }
    }

    void finish() {
        const std::size_t count = block_->count;
        if constexpr (Sink::kWantsWords) {
            for (std::size_t i = add_known(0, count); i < count; i = add_known(i + 1, count)) add_alone(i);
        } else {
            count_tokens(count);
        }
    }

    // The worths of words met lately were found when the block was started. Those of most others are found next, and
    // the rest one by one, in order: new words, and those that are never in the line they are looked up in.
    CTXPACK_FLATTENED void count_tokens(std::size_t count) {
        find_rest();
        std::size_t from = 0;
        for (const std::uint32_t i : std::span(block_->rest).first(block_->left)) {
            if (const auto worth = this->worth(i)) {
                block_->worths[i] = *worth;
                workspace_.recent_words.put(true, block_->recent_keys[i], block_->recent_homes[i], *worth);
                continue;
            }
            add_found(from, i);
            // Looked up again, for words may have been learnt and the table have forgotten.
            add_alone(i);
            from = i + 1;
        }
        add_found(from, count);
    }

    // The worth of a word that is short, or was met before; nothing if it has none.
    std::optional<Worth> worth(std::size_t i) {
        if (const Slot* const slot = short_slot(i)) {
            if (Segmenter::has_worth(*slot)) return Segmenter::worth(*slot);
        } else if (size(i) <= LongSlot::kLongest) {
            const auto& words = workspace_.long_words;
            const LongSlot* const found = words.find({start(i), size(i)}, block_->long_lines[i]);
            if (found == nullptr) return std::nullopt;
            const Tokens tokens{words.ids(found), found->count(), found->limit()};
            if (is_known(tokens)) return segmenter_.worth(tokens);
        }
        return std::nullopt;
    }

    // Looks up what was not met lately, with no branch for any word: it could not be predicted.
    void find_rest() {
        Block& block = *block_;
        auto& recent = workspace_.recent_words;
        std::size_t left = 0;
        for (std::size_t r = 0; r < block.left; ++r) {
            const std::uint32_t i = block.rest[r];
            const auto [slot, there] = workspace_.short_words.find_in_line(block.keys[i], block.lines[i]);
            const bool found = there & Segmenter::has_worth(*slot);
            block.worths[i] = Segmenter::worth(*slot);
            recent.put(found, block.recent_keys[i], block.recent_homes[i], block.worths[i]);
            block.rest[left] = i;
            left += !found;
        }
        block.left = left;
        for (std::size_t r = 0; r < left; ++r) workspace_.short_words.prefetch_ids(block.lines[block.rest[r]]);
    }

    // Adds words whose worths were found.
    void add_found(std::size_t from, std::size_t to) {
        if (from == to) return;
        const auto worths = std::span(block_->worths).subspan(from, to - from);
        const auto counted = add_worths(worths, from);
        if (!counted) return add_again(from, to);
        take(*counted, worths);
    }

    void take(const Counted& counted, std::span<const Worth> worths) {
        sink_.add_count(counted.tokens);
        if (!counted.has_unknown) return sink_.end_unknown();
        merge_unknown(worths);
    }

    // What words from one on come to, with the characters that were left out after each; nothing if some tokens might
    // not hold.
    std::optional<Counted> add_worths(std::span<const Worth> worths, std::size_t from) {
        if constexpr (Block::kAddsSkipped) {
            if (block_->words.any_skipped()) {
                const auto [all, skipped] =
                    with_skipped(segmenter_, block_->words, from, worths, block_->with_skipped.data());
                auto counted = segmenter_.add(all);
                // Each was counted as one.
                if (counted) counted->tokens += skipped * segmenter_.further_tokens(UnknownPages::kBytes) - skipped;
                return counted;
            }
        }
        return segmenter_.add(worths);
    }

    void merge_unknown(std::span<const Worth> worths) {
        bool after = sink_.ends_unknown();
        std::size_t merged = 0;
        for (const Worth& worth : worths) {
            const bool unknown = segmenter_.is_unknown(worth);
            merged += unknown & after;
            after = unknown;
        }
        sink_.merge(merged, after);
    }

    // Adds words of which some might have other tokens here, one by one.
    void add_again(std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            const Worth& worth = block_->worths[i];
            const auto counted = has_skipped(i) ? std::nullopt : segmenter_.add(worth, start(i), size(i));
            if (counted) {
                take(*counted, {&worth, 1});
            } else {
                block_->prepare(workspace_, i);
                add_alone(i);
            }
        }
    }

    bool has_skipped(std::size_t i) const {
        if constexpr (Block::kAddsSkipped) return block_->words.skipped(i) > 0;
        return false;
    }

    // Adds short words from this one on; returns the first that cannot be: one that is long or new, or whose tokens may
    // not hold. What changes with every word is copied, so that it is kept in registers.
    std::size_t add_known(std::size_t from, std::size_t count) {
        const auto& words = workspace_.short_words;
        Sink sink = sink_;
        auto sum = segmenter_.sum();
        std::size_t i = from;
        for (; i < count; ++i) {
            const Slot* const slot = words.find(block_->keys[i], block_->lines[i]);
            if (slot == nullptr || slot->count() == 0 || !sum.add(*slot)) break;
            sink.add_known(words, slot);
        }
        segmenter_.set_sum(sum);
        sink_ = sink;
        if (i > from) sink_.end_unknown();
        return i;
    }

    // The slot of a short word, which is segmented if it is new; null for a long one.
    const Slot* short_slot(std::size_t i) {
        if (size(i) > kShort) return nullptr;
        const Slot* const slot = workspace_.short_words.find(block_->keys[i], block_->lines[i]);
        return slot != nullptr ? slot : learn(i);
    }

    bool is_known(const Tokens& tokens) const {
        const TokenId* const end = tokens.ids + tokens.count;
        return std::find(tokens.ids, end, sink_.unknown()) == end;
    }

    const Slot* learn(std::size_t i) {
        const Tokens tokens = segmenter_.segment(start(i), size(i));
        const std::span ids(tokens.ids, tokens.count);
        const bool fits = is_known(tokens) && ids.size() <= Slot::kIds;
        const bool told = ids.size() == 1 && segmenter_.tells_unknown();
        const Note note = fits || told ? segmenter_.note(tokens) : Note{};
        const std::size_t mark = fits ? ids.size() : told ? Segmenter::kUnknownMark : 0;
        if (!fits) keep_long({start(i), size(i)}, tokens);
        return workspace_.short_words.insert(block_->keys[i], fits ? ids : ids.first(0), mark, note);
    }

    // Adds a word of any kind: one that is long, or has many tokens or unknown ones, or tokens that do not hold here.
    // Then what was left out after it.
    void add_alone(std::size_t i) {
        const Slot* const slot = short_slot(i);
        const bool unknown =
            slot != nullptr && Segmenter::has_worth(*slot) && segmenter_.is_unknown(Segmenter::worth(*slot));
        if (unknown) {
            add_unknown({start(i), size(i)}, *slot);
        } else {
            add_other(i, slot);
        }
        if constexpr (Block::kAddsSkipped) {
            Bytes p = start(i) + size(i);
            for (std::size_t left = block_->words.skipped(i); left > 0; --left, p += UnknownPages::kBytes) {
                const LongKey word{p, UnknownPages::kBytes};
                unknown ? add_unknown(word, *slot) : add_long(word);
            }
        }
    }

    void add_unknown(const LongKey& word, const Slot& slot) {
        const TokenId unknown = sink_.unknown();
        add(word, {&unknown, 1, Segmenter::limit(slot)});
    }

    void add_other(std::size_t i, const Slot* slot) {
        const LongKey word{start(i), size(i)};
        if (word.size > LongSlot::kLongest) return sink_.add(segmenter_.segment_here(word.text, word.size));
        if (slot == nullptr) return add_long(word, block_->long_lines[i]);
        if (slot->count() == 0) return add_long(word);
        add(word, {workspace_.short_words.ids(slot), slot->count(), Segmenter::limit(*slot)});
    }

    void add_long(const LongKey& word) { add_long(word, workspace_.long_words.line(word)); }

    void add_long(const LongKey& word, std::uint32_t line) {
        auto& words = workspace_.long_words;
        if (const LongSlot* const slot = words.find(word, line)) {
            return add(word, {words.ids(slot), slot->count(), slot->limit()});
        }
        const Tokens tokens = segmenter_.segment(word.text, word.size);
        keep_new_long(word, tokens);
        add(word, tokens);
    }

    // Tokens that were found for the word, if they hold here.
    void add(const LongKey& word, const Tokens& tokens) {
        const bool holds = segmenter_.accept(word.text, word.size, tokens);
        sink_.add(holds ? tokens : segmenter_.segment_here(word.text, word.size));
    }

    // Keeps a word that is new to the table of short ones. That of long ones may still have it: each forgets in its own
    // time.
    void keep_long(const LongKey& word, const Tokens& tokens) {
        const auto line = workspace_.long_words.line(word);
        if (workspace_.long_words.find(word, line) == nullptr) keep_new_long(word, tokens);
    }

    void keep_new_long(const LongKey& word, const Tokens& tokens) {
        if (tokens.count > LongSlot::kIds) return;
        workspace_.long_words.insert(word, {tokens.ids, tokens.count}, tokens.count, tokens.limit);
    }

    const Splitter& splitter_;
    Workspace<Segmenter>& workspace_;
    Segmenter& segmenter_;
    Sink& sink_;
    Bytes begin_ = nullptr;
    std::array<Block, 2> blocks_;
    Block* block_ = &blocks_[0];  // that is being finished
    Block* ahead_ = &blocks_[1];  // the one after it in the text, that is started, or the next to be
};

}  // namespace ctxpack::sentencepiece
