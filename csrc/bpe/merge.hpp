// Byte-pair merging of one pretoken.
#pragma once

#include <vector>

#include "bpe/ids.hpp"
#include "bpe/merges.hpp"
#include "bpe/rank_queue.hpp"

namespace ctxpack::bpe {

// Scratch space of one thread and the algorithms that use it.
class Merger {
public:
    Merger(const Vocabulary& vocabulary, const Merges& merges, const Ids& ids)
        : vocabulary_(vocabulary), merges_(merges), ids_(ids) {}

    // The token ids of [p, p + size), size > 0, known to be at least `fewest`; valid until the next call. Close to
    // O(size): a long pretoken is cut into windows that are merged alone and joined where BPE is proved not to merge
    // across.
    const std::vector<TokenId>& merge(Bytes p, std::size_t size, unsigned fewest);
    // Gives back the memory that very long pretokens took. O(1) where there were none.
    void release();

private:
    static constexpr std::size_t kKept = std::size_t{1} << 16;  // symbols that scratch space is kept for

    // A symbol that may merge with the next one.
    struct Candidate {
        PairTable::Query query;
        std::size_t at;
    };
    // Places of the symbols before and after one.
    struct Link {
        std::uint32_t previous, next;
    };

    // Tokens of [begin, end) alone, left in symbols_. They are known to be at least `fewest`.
    void merge_window(Bytes begin, Bytes end, unsigned fewest = 1);
    void start_from_bytes(Bytes begin, Bytes end);
    void start_from_characters(Bytes begin, Bytes end);
    void rank_all();
    void merge_few(unsigned fewest);
    void merge_many();
    std::size_t merge_run(RankQueue::Place place);
    bool comes_again(std::size_t at, TokenId made) const;
    std::size_t merge_at(std::size_t at, TokenId made);
    RankQueue::Place place_after(std::size_t previous, std::size_t at) const;

    void merge_long(Bytes p, Bytes end);
    bool join_next_window(Bytes& start, Bytes end, std::size_t window);
    void widen(Bytes& start, Bytes end, std::size_t& window);
    bool never_merge(TokenId left, TokenId right);
    Bytes window_end(Bytes start, Bytes end, std::size_t window) const;

    const Vocabulary& vocabulary_;
    const Merges& merges_;
    const Ids& ids_;
    // Symbols of the window, by the place where they began, and what each merges into with the next one.
    std::vector<TokenId> symbols_;
    std::vector<TokenId> ranks_;
    std::vector<Candidate> candidates_;
    // Of a window of many symbols.
    std::vector<Link> links_;
    RankQueue queue_;
    // Of a long pretoken: the tokens of the current window, and those of the windows before it.
    std::vector<TokenId> current_;
    std::vector<TokenId> done_;
    std::vector<std::uint8_t> pair_bytes_;  // of two tokens, to see whether they merge
};

}  // namespace ctxpack::bpe
