// Which characters of a text start a word, told for many at once: those that make no piece with the one before, where
// no three in a row that hold both can be a part of one.
#pragma once

#include "sentencepiece/characters_avx512.hpp"
#include "sentencepiece/neighbours.hpp"

#if defined(CTXPACK_X86_VECTORS)

namespace ctxpack::sentencepiece {

// Characters come in groups, and bit i is that of character i of a group. What pieces say of two or three characters is
// kept by the last of them.
class Joined {
public:
    static constexpr unsigned kGroup = 64;
    static constexpr unsigned kMost = 384;  // characters

    CTXPACK_AT_AVX512 Joined(const Neighbours& neighbours, const std::uint32_t* points, unsigned count)
        : neighbours_(neighbours) {
        for (unsigned i = 0; i < count; i += kGroup)
            find_candidates(points + i, i / kGroup, std::min(count - i, kGroup));
        for (unsigned i = 0; i < count; i += kGroup)
            triples_[i / kGroup + 1] = check_candidates(candidates_[i / kGroup]);
    }
    // Which characters of a group start a word. Of the first and the last two of all it may miss that.
    std::uint64_t word_starts(unsigned group) const {
        const Triples &before = triples_[group], &here = triples_[group + 1], &after = triples_[group + 2];
        // The first triple of the next group counts as live without a look at its neighbours.
        const std::uint64_t next = after.is_triple | after.begins | after.ends | after.within;
        const std::uint64_t live = this->live(before, here, after);
        return ~(is_pair_[group] | live | live >> 1 | next << (kGroup - 1));
    }

private:
    struct Triples {
        std::uint64_t is_triple, begins, ends, within;
    };

    // Triples that are to be looked at: their hashes and where they are.
    struct Candidates {
        unsigned count;
        std::uint64_t places;
        alignas(64) std::array<std::uint32_t, kGroup + kLanes> hashes;
    };

    // Those that may be a part of a piece, as those on either side tell.
    static std::uint64_t live(const Triples& before, const Triples& here, const Triples& after) {
        const std::uint64_t goes_on = (here.within | here.ends) >> 1 | (after.within | after.ends) << (kGroup - 1);
        const std::uint64_t came = (here.within | here.begins) << 1 | (before.within | before.begins) >> (kGroup - 1);
        return here.is_triple | (here.begins & goes_on) | (here.ends & came) | (here.within & goes_on & came);
    }

    CTXPACK_AT_AVX512 CTXPACK_INLINE void find_candidates(const std::uint32_t* points, unsigned group, unsigned count) {
        std::uint64_t is_pair = 0, places = 0;
        Candidates& candidates = candidates_[group];
        unsigned found = 0;
        for (unsigned i = 0; i < count; i += kLanes) {
            const __m512i right = _mm512_load_si512(points + i), left = times(right, Neighbours::kLeft);
            const __m512i pair = _mm512_add_epi32(left_neighbours(left, lefts_), times(right, Neighbours::kRight));
            const __m512i triple = _mm512_add_epi32(left_neighbours(pair, pairs_), times(right, Neighbours::kThird));
            lefts_ = left;
            pairs_ = pair;
            const __m512i flags = flags_at(neighbours_.pairs(), pair, count - i);
            is_pair |= with_flag(flags, Neighbours::kIsPair) << i;
            // Only where both pairs stand in longer pieces may the three do.
            const std::uint64_t longer = with_flag(flags, Neighbours::kInLonger);
            const auto both = static_cast<__mmask16>(longer & (longer << 1 | longer_before_));
            longer_before_ = longer >> (kLanes - 1);
            _mm512_storeu_si512(&candidates.hashes[found], _mm512_maskz_compress_epi32(both, triple));
            places |= std::uint64_t{both} << i;
            found += static_cast<unsigned>(std::popcount(std::uint64_t{both}));
        }
        is_pair_[group] = is_pair;
        candidates.count = found;
        candidates.places = places;
    }

    CTXPACK_AT_AVX512 CTXPACK_INLINE Triples check_candidates(const Candidates& candidates) const {
        Triples found{};
        for (unsigned i = 0; i < candidates.count; i += kLanes) {
            const __m512i flags = flags_at(neighbours_.triples(), _mm512_loadu_si512(&candidates.hashes[i]), kLanes);
            found.is_triple |= with_flag(flags, Neighbours::kIsTriple) << i;
            found.begins |= with_flag(flags, Neighbours::kBegins) << i;
            found.ends |= with_flag(flags, Neighbours::kEnds) << i;
            found.within |= with_flag(flags, Neighbours::kWithin) << i;
        }
        const std::uint64_t places = candidates.places;
        return {_pdep_u64(found.is_triple, places), _pdep_u64(found.begins, places), _pdep_u64(found.ends, places),
                _pdep_u64(found.within, places)};
    }

    // Each lane's left neighbour.
    CTXPACK_AT_AVX512 CTXPACK_INLINE static __m512i left_neighbours(__m512i here, __m512i before) {
        return _mm512_alignr_epi32(here, before, kLanes - 1);
    }

    const Neighbours& neighbours_;
    __m512i lefts_ = _mm512_setzero_si512(), pairs_ = _mm512_setzero_si512();
    std::uint64_t longer_before_ = 0;
    std::array<std::uint64_t, kMost / kGroup> is_pair_{};
    // Read only when all were written: a load that comes soon after its store waits for it.
    std::array<Candidates, kMost / kGroup> candidates_;
    std::array<Triples, kMost / kGroup + 2> triples_{};  // with none at either end
};

}  // namespace ctxpack::sentencepiece

#endif
