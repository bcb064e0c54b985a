#include "sentencepiece/copy.hpp"

#if defined(CTXPACK_X86_VECTORS)

#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace ctxpack::sentencepiece {
namespace {

constexpr std::ptrdiff_t kWindow = 32;

CTXPACK_AT_AVX2 CTXPACK_INLINE std::uint32_t top_bits(__m256i bytes) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
}

// What a table says of bytes, whose rows are its sixteenths. Of bytes that are not ASCII it says nothing.
class Rows {
public:
    CTXPACK_AT_AVX2 CTXPACK_INLINE explicit Rows(const CopyTable& table) {
        for (std::size_t i = 0; i < kRows; ++i) {
            const auto* const row = reinterpret_cast<const __m128i*>(&table.bytes[i * kRow]);
            rows_[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128(row));
        }
    }
    CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i look_up(__m256i bytes) const {
        __m256i found = _mm256_setzero_si256();
        for (std::size_t i = 0; i < kRows; ++i) {
            // Those of other rows get their highest bit set, for which a look-up gives zero.
            const __m256i in_row = _mm256_xor_si256(bytes, _mm256_set1_epi8(static_cast<char>(i * kRow)));
            const __m256i place = _mm256_adds_epu8(in_row, _mm256_set1_epi8(0x70));
            found = _mm256_or_si256(found, _mm256_shuffle_epi8(rows_[i], place));
        }
        return found;
    }

private:
    static constexpr std::size_t kRow = 16, kRows = 8;

    __m256i rows_[kRows];
};

// Writes those of eight bytes whose bits are set; returns how many they are.
CTXPACK_AT_AVX2 CTXPACK_INLINE int squeeze(std::uint64_t bytes, std::uint32_t kept, std::uint8_t* to) {
    const std::uint64_t whole = _pdep_u64(kept, 0x0101010101010101) * 0xFF;
    const std::uint64_t squeezed = _pext_u64(bytes, whole);
    std::memcpy(to, &squeezed, sizeof squeezed);
    return std::popcount(kept);
}

// Copies a window of text at a time.
class Copier {
public:
    CTXPACK_AT_AVX2 CTXPACK_INLINE Copier(const CopyTable& table, const CopyEnd& copied)
        : rows_(table),
          tidies_(table.tidies ? ~std::uint32_t{0} : 0),
          to_(copied.to),
          after_space_(copied.after_space) {}

    // The next window, if all of it may be copied; returns whether it was. `after`: whether one that is not ASCII
    // follows.
    CTXPACK_AT_AVX2 CTXPACK_INLINE bool copy_all(__m256i text, std::uint32_t after) {
        const __m256i bytes = rows_.look_up(text);
        if (closer(text, bytes, after) != 0) return false;
        put(bytes, kWindow);
        return true;
    }
    // What may be copied of the next `size` bytes; returns how many that are.
    CTXPACK_AT_AVX2 CTXPACK_INLINE unsigned copy(__m256i text, unsigned size, std::uint32_t after) {
        const __m256i bytes = rows_.look_up(text);
        const unsigned taken = std::min(_tzcnt_u32(closer(text, bytes, after)), size);
        if (taken != 0) put(bytes, taken);
        return taken;
    }
    CopyEnd end() const { return {to_, after_space_ != 0}; }

private:
    CTXPACK_AT_AVX2 CTXPACK_INLINE static std::uint32_t closer(__m256i text, __m256i bytes, std::uint32_t after) {
        const std::uint32_t other = top_bits(text);
        return top_bits(bytes) | other | other >> 1 | after << (kWindow - 1);
    }
    CTXPACK_AT_AVX2 CTXPACK_INLINE void put(__m256i bytes, unsigned taken) {
        const std::uint32_t spaces = top_bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' '))) & tidies_;
        const std::uint32_t kept = _bzhi_u32(~(spaces & (spaces << 1 | after_space_)), taken);
        after_space_ = spaces >> (taken - 1) & 1;
        if (kept == ~std::uint32_t{0}) {
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to_), bytes);
            to_ += kWindow;
            return;
        }
        std::uint64_t words[4];
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), bytes);
        for (unsigned i = 0; i < 4; ++i) to_ += squeeze(words[i], kept >> 8 * i & 0xFF, to_);
    }

    Rows rows_;
    std::uint32_t tidies_;
    std::uint8_t* to_;
    std::uint32_t after_space_;
};

CTXPACK_AT_AVX2 CTXPACK_INLINE __m256i load(Bytes p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }

}  // namespace

CTXPACK_AT_AVX2 Bytes copy_avx2(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied) {
    Copier copier(table, copied);
    // Where the next window is, is known before this one is read: a processor that guesses the branch reads ahead.
    while (end - p > kWindow && copier.copy_all(load(p), p[kWindow] >> 7)) p += kWindow;
    while (p < end) {
        const auto size = static_cast<unsigned>(std::min(end - p, kWindow));
        std::uint8_t text[kWindow] = {};
        std::copy_n(p, size, text);
        const unsigned taken = copier.copy(load(text), size, end - p > kWindow ? p[kWindow] >> 7 : 0);
        p += taken;
        if (taken < size) break;
    }
    copied = copier.end();
    return p;
}

}  // namespace ctxpack::sentencepiece

#endif
