#include "bpe/merge_columns_avx512.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>
#include <bit>

#include "encoding/pair_table_avx512.hpp"

namespace ctxpack::bpe {
namespace {

CTXPACK_AT_AVX512 inline __m512i without_lowest(__m512i bits) {
    return _mm512_and_si512(bits, _mm512_sub_epi32(bits, broadcast(1)));
}
CTXPACK_AT_AVX512 inline __m512i lowest_bit(__m512i bits) {
    return _mm512_and_si512(bits, _mm512_sub_epi32(_mm512_setzero_si512(), bits));
}
// Of the highest bit; 0 where there is none.
CTXPACK_AT_AVX512 inline __m512i place_of(__m512i bits) {
    return _mm512_sub_epi32(broadcast(32), _mm512_lzcnt_epi32(bits));
}

// The cells of these places, column by column.
CTXPACK_AT_AVX512 inline __m512i cells_of(__m512i places) {
    return _mm512_add_epi32(_mm512_slli_epi32(places, 4),
                            _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
}

}  // namespace

// What works on the columns of a group all at once.
class MergeColumns::Steps {
public:
    Steps(Group& group, const PairTable& pairs) : group_(group), pairs_(pairs) {}

    // Asks for what all neighbours merge into, in columns that do not know.
    CTXPACK_AT_AVX512 void ask_first() {
        if (group_.unranked == 0) return;
        const __m512i alive = _mm512_load_si512(group_.alive.data());
        for (std::uint32_t place = 1; place < group_.places; ++place) {
            const __mmask16 has_next = _mm512_test_epi32_mask(alive, broadcast(std::uint32_t{1} << place));
            ask(has_next & static_cast<__mmask16>(group_.unranked), _mm512_load_si512(group_.symbols[place].data()),
                _mm512_load_si512(group_.symbols[place + 1].data()), cells_of(broadcast(place)));
        }
        fetch();
    }

    CTXPACK_AT_AVX512 void answer() {
        const Questions& questions = group_.questions;
        for (std::size_t i = 0; i < questions.size; ++i) {
            const auto query = PairTable::query(questions.lefts[i], questions.rights[i], questions.hashes[i]);
            const std::size_t place = questions.cells[i] / kWidth;
            group_.ranks[place][questions.cells[i] % kWidth] = ranked(look_up(pairs_, query), place);
        }
        group_.questions.size = 0;
    }

    // Each column merges the lowest of its ranks; false where none has any.
    CTXPACK_AT_AVX512 bool step() {
        const __m512i low = lowest();
        const __mmask16 merging = _mm512_cmplt_epi32_mask(low, broadcast(kNone));
        if (merging == 0) return false;

        const __m512i at = _mm512_and_si512(low, broadcast((1 << kPlaceBits) - 1));
        const __m512i made = _mm512_srli_epi32(low, kPlaceBits);
        const __m512i alive = _mm512_load_si512(group_.alive.data());
        const __m512i bit = _mm512_sllv_epi32(broadcast(1), _mm512_sub_epi32(at, broadcast(1)));
        const __m512i below = _mm512_sub_epi32(bit, broadcast(1));
        const __m512i after = _mm512_andnot_si512(_mm512_or_si512(bit, below), alive);
        const __m512i gone = lowest_bit(after);
        const __m512i still = _mm512_mask_xor_epi32(alive, merging, alive, gone);
        _mm512_store_si512(group_.alive.data(), still);

        const __m512i previous_place = place_of(_mm512_and_si512(alive, below));
        const __m512i previous_bit = _mm512_sllv_epi32(broadcast(1), _mm512_sub_epi32(previous_place, broadcast(1)));
        const __m512i next_bit = lowest_bit(without_lowest(after));
        const auto [previous, next] = put(made, bit, previous_bit, next_bit, gone);

        // What is no token does not become one.
        const __m512i second = without_lowest(still), third = without_lowest(second);
        const __mmask16 many = _mm512_mask_test_epi32_mask(merging, third, third);
        const __mmask16 asking = many | (merging & static_cast<__mmask16>(group_.may_be_one));
        ask(asking, made, next, cells_of(at));
        ask(asking, previous, made, cells_of(previous_place));
        fetch();
        return true;
    }

private:
    struct Neighbours {
        __m512i previous, next;
    };

    // Puts tokens in the place of two symbols that were merged, whose ranks, and that of the symbol before, are not
    // known any more; returns the symbols before and after. Row by row, for scattering is slow. Where a column merges
    // nothing, only its last symbol is touched, which has no rank.
    CTXPACK_AT_AVX512 CTXPACK_INLINE Neighbours put(__m512i made, __m512i bit, __m512i previous_bit, __m512i next_bit,
                                                    __m512i gone) {
        const __m512i unranked = _mm512_or_si512(_mm512_or_si512(bit, previous_bit), gone), none = broadcast(kNone);
        Neighbours found{broadcast(PairTable::kNobody), broadcast(PairTable::kNobody)};
        __m512i here = broadcast(1);
        for (std::size_t place = 1; place <= group_.places; ++place) {
            TokenId* const row = group_.symbols[place].data();
            const __m512i symbols = _mm512_load_si512(row);
            found.previous = _mm512_mask_mov_epi32(found.previous, _mm512_test_epi32_mask(previous_bit, here), symbols);
            found.next = _mm512_mask_mov_epi32(found.next, _mm512_test_epi32_mask(next_bit, here), symbols);
            _mm512_mask_store_epi32(row, _mm512_test_epi32_mask(bit, here), made);
            const __mmask16 unknown = _mm512_test_epi32_mask(unranked, here);
            _mm512_mask_store_epi32(group_.ranks[place].data(), unknown, none);
            here = _mm512_add_epi32(here, here);
        }
        return found;
    }

    CTXPACK_AT_AVX512 __m512i lowest() const {
        __m512i low = broadcast(kNone);
        for (std::size_t place = 1; place < group_.places; ++place) {
            low = _mm512_min_epi32(low, _mm512_load_si512(group_.ranks[place].data()));
        }
        return low;
    }

    // Notes the pairs of left and right tokens that may merge, of the columns in `asking`.
    CTXPACK_AT_AVX512 void ask(__mmask16 asking, __m512i left, __m512i right, __m512i cells) {
        const __m512i hash = hash_of(left, right);
        const __mmask16 may = may_merge(pairs_, asking, hash);
        Questions& questions = group_.questions;
        _mm512_storeu_si512(&questions.lefts[questions.size], _mm512_maskz_compress_epi32(may, left));
        _mm512_storeu_si512(&questions.rights[questions.size], _mm512_maskz_compress_epi32(may, right));
        _mm512_storeu_si512(&questions.hashes[questions.size], _mm512_maskz_compress_epi32(may, hash));
        _mm512_storeu_si512(&questions.cells[questions.size], _mm512_maskz_compress_epi32(may, cells));
        questions.size += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(may)));
    }

    // Brings in what the answers will be read from.
    CTXPACK_AT_AVX512 void fetch() const {
        for (std::size_t i = 0; i < group_.questions.size; ++i) pairs_.prefetch_set(group_.questions.hashes[i]);
    }

    Group& group_;
    const PairTable& pairs_;
};

MergeColumns::Group::Group() { clear(); }

void MergeColumns::Group::clear() {
    for (std::size_t place = 0; place <= places; ++place) ranks[place].fill(kNone);
    alive.fill(0);
    unranked = may_be_one = 0;
    places = 0;
}

CTXPACK_AT_AVX512 bool MergeColumns::add_ascii(Bytes p, std::size_t size) {
    static_assert(kWidth * sizeof(TokenId) == sizeof(__m512i));
    static_assert(kSymbols == sizeof(__m256i));
    const std::uint32_t kept = _bzhi_u32(~0u, static_cast<unsigned>(std::min(size, kSymbols)));
    const __m256i bytes = _mm256_maskz_loadu_epi8(kept, p);
    if (size > kSymbols || _mm256_movepi8_mask(bytes) != 0) return false;
    Start& start = starts_[size_++];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(start.bytes.data()), bytes);
    start.symbols = nullptr;
    start.size = size;
    start.may_be_one = false;
    return true;
}

void MergeColumns::add(std::span<const TokenId> symbols, unsigned fewest) {
    Start& start = starts_[size_++];
    start.symbols = symbols.data();
    start.size = symbols.size();
    start.may_be_one = fewest == 1;
}

// A group takes as many steps as its longest part needs, so those that are as long as each other share one.
void MergeColumns::fill_columns() {
    std::array<std::size_t, kSymbols + 2> before{};  // how many parts have fewer symbols
    for (std::size_t at = 0; at < size_; ++at) ++before[starts_[at].size + 1];
    for (std::size_t symbols = 1; symbols < before.size(); ++symbols) before[symbols] += before[symbols - 1];
    for (std::size_t at = 0; at < size_; ++at) {
        const Start& start = starts_[at];
        const std::size_t to = before[start.size]++, column = to % kWidth;
        order_[to] = at;
        Group& group = groups_[to / kWidth];
        const bool is_ascii = start.symbols == nullptr;
        is_ascii ? start_from_bytes(start, group, column) : start_from_symbols(start, group, column);
        group.alive[column] = static_cast<std::uint32_t>((std::uint64_t{1} << start.size) - 1);
        group.unranked |= std::uint32_t{!is_ascii} << column;
        group.may_be_one |= std::uint32_t{start.may_be_one} << column;
        group.places = std::max(group.places, start.size);
    }
}

void MergeColumns::start_from_bytes(const Start& start, Group& group, std::size_t column) {
    const Bytes p = start.bytes.data();
    for (std::size_t at = 1; at <= start.size; ++at) group.symbols[at][column] = vocabulary_.byte_rank(p[at - 1]);
    for (std::size_t at = 1; at < start.size; ++at) {
        group.ranks[at][column] = ranked(merges_.merged_bytes(p[at - 1], p[at]), at);
    }
}

void MergeColumns::start_from_symbols(const Start& start, Group& group, std::size_t column) {
    for (std::size_t at = 1; at <= start.size; ++at) group.symbols[at][column] = start.symbols[at - 1];
}

// Groups take steps in turn. What one asks for is answered when others have taken theirs, and is used when still others
// have, so that none waits for the memory.
CTXPACK_AT_AVX512 void MergeColumns::merge() {
    fill_columns();
    const std::size_t groups = this->groups();
    const auto steps = [&](std::size_t group) { return Steps(groups_[group], merges_.pairs()); };
    for (std::size_t group = 0; group < groups; ++group) steps(group).ask_first();
    for (std::size_t group = 0; group < groups; ++group) steps(group).answer();
    for (bool merging = true; merging;) {
        merging = false;
        for (std::size_t group = 0; group < groups; ++group) {
            merging |= steps(group).step();
            steps((group + (groups + 1) / 2) % groups).answer();
        }
    }
    for (std::size_t at = 0; at < size_; ++at) collect(at);
}

void MergeColumns::collect(std::size_t at) {
    const Group& group = groups_[at / kWidth];
    const std::size_t column = at % kWidth;
    std::array<TokenId, kSymbols>& tokens = tokens_[order_[at]];
    std::size_t count = 0;
    for (std::uint32_t alive = group.alive[column]; alive != 0; alive &= alive - 1) {
        tokens[count++] = group.symbols[std::countr_zero(alive) + 1][column];
    }
    ids_.to_ids({tokens.data(), count});
    counts_[order_[at]] = count;
}

void MergeColumns::clear() {
    for (std::size_t group = 0; group < groups(); ++group) groups_[group].clear();
    size_ = 0;
}

}  // namespace ctxpack::bpe

#endif
