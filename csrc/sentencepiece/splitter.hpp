// Where normalized text may be cut: between two characters that stand side by side in no piece. No token reaches across
// such a place, so the words between them are segmented alone and the result is the same.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "cpu/level.hpp"
#include "sentencepiece/neighbours.hpp"
#include "sentencepiece/pieces.hpp"
#include "sentencepiece/unknown_pages.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

class Splitter {
public:
    // Bytes that are looked at together.
    static constexpr std::size_t kWindow = 64;
    // The most that is cut in one call: a chunk. Up to kWindow and three more bytes are read on either side.
    static constexpr std::size_t kChunk = 8 * kWindow;

    // `segments` is what tokens are made of. O(bytes).
    explicit Splitter(const Pieces::Keys& segments);

    // Places past the last one that all of these may write, too.
    static constexpr std::size_t kSpare = 32;

    // Writes where words start among the `size` bytes from `p` on; returns how many they are. `at_start`: whether the
    // text starts at `p`, which is then left out.
    std::size_t starts(Bytes p, std::size_t size, bool at_start, Bytes* to) const {
        return (this->*starts_)(p, size, at_start, to);
    }

    // Whether this processor can leave characters out, as the two below do.
    bool can_skip() const { return starts_skipping_lone_ != nullptr; }

    struct SkippedLone {
        std::size_t words;        // that start there
        std::size_t lone_tokens;  // of the characters that were left out
    };

    // Writes as `starts` does, but characters of one or three bytes that are words by themselves are left out and only
    // counted: as one token if ASCII or a piece, else as three, for their bytes. Some may be kept, as the last one of a
    // chunk is: what follows it is not known. Words then do not end where the next one starts, so their ends are
    // written, too, first that of the word before the chunk.
    SkippedLone starts_skipping_lone(Bytes p, std::size_t size, bool at_start, Bytes* starts, Bytes* ends) const {
        return (this->*starts_skipping_lone_)(p, size, at_start, starts, ends);
    }

    struct SkippedUnknown {
        std::size_t words;  // that start there
        bool any_skipped;
    };

    // The same as `starts`, but of a run of characters of unknown pages only the first is a word, and those at the
    // edges of the chunk. The others are left out. If there are any, the ends of words are written, too, first that of
    // the word before the chunk.
    SkippedUnknown starts_skipping_unknown(Bytes p, std::size_t size, bool at_start, Bytes* starts, Bytes* ends) const {
        return (this->*starts_skipping_unknown_)(p, size, at_start, starts, ends);
    }

    // A bit for each byte of a window that counts, where `size` bytes are left: all but the one that the text starts
    // at.
    static std::uint64_t wanted(std::size_t size, bool at_start) {
        return ~std::uint64_t{0} >> (kWindow - std::min(size, kWindow)) & ~std::uint64_t{at_start};
    }

    // Whether a word starts at `p`: whether the characters before and at `p` stand side by side in no piece.
    bool starts_word(Bytes p) const;

private:
    static constexpr unsigned kPoints = 0x10000;
    static constexpr std::uint8_t kInNoText = 0xFF;

    std::size_t starts_portable(Bytes p, std::size_t size, bool at_start, Bytes* to) const;
    std::size_t window_starts(Bytes p, std::uint64_t wanted, Bytes* to) const;
    std::uint64_t mixed_starts(Bytes p) const;
    std::uint64_t starts_by_characters(Bytes p) const;

    // Told by the two bytes at each place: exact between ASCII characters, elsewhere some may be missed.
    std::uint64_t ascii_starts(Bytes p) const {
        std::uint64_t joined = 0;
        for (std::size_t i = 0; i < kWindow; i += 8) {
            unsigned eight = 0;
            for (std::size_t k = 0; k < 8; ++k) eight |= static_cast<unsigned>(joined_[both(p + i + k)]) << k;
            joined |= std::uint64_t{eight} << i;
        }
        return ~joined;
    }

    // The byte at `p` and the one before it, as an index.
    static std::size_t both(Bytes p) {
        std::uint16_t bytes;
        std::memcpy(&bytes, p - 1, sizeof bytes);
        return bytes;
    }

    // Whether a byte of the window, or the one before it, is not ASCII.
    static bool has_non_ascii(Bytes p) {
        std::uint64_t high = 0;
        for (std::size_t i = 0; i < kWindow; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, p - 1 + i, sizeof word);
            high |= word;
        }
        return ((high & 0x8080808080808080) != 0) | (p[kWindow - 1] >= 0x80);
    }
    // How many bytes of the window are not ASCII.
    static std::size_t count_non_ascii(Bytes p) {
        constexpr std::uint64_t kOnes = 0x0101010101010101;
        std::uint64_t by_place = 0;
        for (std::size_t i = 0; i < kWindow; i += 8) {
            std::uint64_t word;
            std::memcpy(&word, p + i, sizeof word);
            by_place += word >> 7 & kOnes;
        }
        return by_place * kOnes >> 56;
    }
    static std::uint32_t point_before(Bytes p);
#if defined(CTXPACK_X86_VECTORS)
    struct Points;
    CTXPACK_AT_AVX512 std::size_t starts_avx512(Bytes p, std::size_t size, bool at_start, Bytes* to) const;
    CTXPACK_AT_AVX512 std::size_t starts_by_windows_avx512(Bytes p, std::size_t size, bool at_start, Bytes* to) const;
    CTXPACK_AT_AVX512 std::size_t starts_by_chunk_avx512(Bytes p, std::size_t size, bool at_start, Bytes* to) const;
    CTXPACK_AT_AVX512 SkippedUnknown starts_skipping_unknown_avx512(Bytes p, std::size_t size, bool at_start,
                                                                    Bytes* starts, Bytes* ends) const;
    CTXPACK_AT_AVX512 std::size_t window_starts_avx512(Bytes p, std::uint64_t wanted, Bytes* to) const;
    CTXPACK_AT_AVX512 std::uint64_t mixed_starts_avx512(Bytes p, std::uint64_t characters) const;
    CTXPACK_AT_AVX512 std::uint64_t ascii_starts_avx512(Bytes p) const;
    CTXPACK_AT_AVX512 SkippedLone starts_skipping_lone_avx512(Bytes p, std::size_t size, bool at_start, Bytes* starts,
                                                              Bytes* ends) const;
    CTXPACK_AT_AVX512 SkippedLone skipping_lone_by_chunk_avx512(Bytes p, std::size_t size, bool at_start, Bytes* starts,
                                                                Bytes* ends) const;
    struct LoneCandidates {
        std::uint64_t all, single;
    };
    CTXPACK_AT_AVX512 LoneCandidates lone_candidates_avx512(const std::uint32_t* points) const;
    CTXPACK_AT_AVX512 SkippedLone skipping_lone_in_window_avx512(Bytes p, std::uint64_t wanted, Bytes* starts,
                                                                 Bytes* ends) const;
    CTXPACK_AT_AVX512 SkippedLone skipping_lone_in_mixed_avx512(Bytes p, std::uint64_t wanted, std::uint64_t odd,
                                                                Bytes* starts, Bytes* ends) const;
    CTXPACK_AT_AVX512 std::uint64_t word_starts_avx512(const Points& points) const;
    CTXPACK_AT_AVX512 std::uint64_t singles_avx512(const Points& points) const;
    void use_avx512(const Pieces::Keys& segments);
    void add_character(Bytes p, std::size_t size);
    void fill_rows();
#endif
    void join(Bytes p, Bytes end);

    // For every two bytes, 1 where they stand side by side in some piece or inside a character.
    std::vector<std::uint8_t> joined_;
    Neighbours neighbours_;
    // From here to odd_, and the triples of neighbours: only filled for AVX-512.
    UnknownPages unknown_pages_;
    // The same as joined_ for two bytes of ASCII: bit `right` % 8 of the byte `left` of the row `right` / 8.
    static constexpr std::size_t kAscii = 128;
    alignas(64) std::array<std::uint8_t, kAscii / 8 * kAscii> rows_{};
    // A bit for every character of up to three bytes: whether it is one token by itself.
    std::vector<std::uint32_t> characters_;
    // The only ASCII character that may be no token by itself: a space, where it is no piece. Else a byte that is in no
    // text.
    std::uint8_t odd_ = ' ';
    // For the processor.
    std::size_t (Splitter::*starts_)(Bytes, std::size_t, bool, Bytes*) const = &Splitter::starts_portable;
    SkippedLone (Splitter::*starts_skipping_lone_)(Bytes, std::size_t, bool, Bytes*, Bytes*) const = nullptr;
    SkippedUnknown (Splitter::*starts_skipping_unknown_)(Bytes, std::size_t, bool, Bytes*, Bytes*) const = nullptr;
};

}  // namespace ctxpack::sentencepiece
