#include "split/window_neon.hpp"

#if defined(CTXPACK_ARM_VECTORS)

#include <arm_neon.h>

#include <cstring>

namespace ctxpack::split {
namespace {

// 64 bytes.
struct Quarters {
    uint8x16_t part[4];
};

template <class Change>
inline Quarters each(const Quarters& of, Change change) {
    return {{change(of.part[0]), change(of.part[1]), change(of.part[2]), change(of.part[3])}};
}

// A bit for each byte, of which all or none must be set.
inline std::uint64_t bits_of(const Quarters& flags) {
    alignas(16) static constexpr std::uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t own = vld1q_u8(kBits);
    const Quarters bits = each(flags, [own](uint8x16_t part) { return vandq_u8(part, own); });
    const uint8x16_t pairs = vpaddq_u8(vpaddq_u8(bits.part[0], bits.part[1]), vpaddq_u8(bits.part[2], bits.part[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)), 0);
}

inline std::uint64_t equal(const Quarters& text, char byte) {
    const uint8x16_t wanted = vdupq_n_u8(static_cast<std::uint8_t>(byte));
    return bits_of(each(text, [wanted](uint8x16_t part) { return vceqq_u8(part, wanted); }));
}

inline std::uint64_t having(const Quarters& kinds, Kind kind) {
    const uint8x16_t wanted = vdupq_n_u8(kind);
    return bits_of(each(kinds, [wanted](uint8x16_t part) { return vtstq_u8(part, wanted); }));
}

// A look-up gives 0 for what is not in its table, so the halves of kKinds can be asked one after the other.
inline Quarters kinds_in(const Quarters& text) {
    const uint8x16x4_t low = vld1q_u8_x4(kKinds.data()), high = vld1q_u8_x4(kKinds.data() + 64);
    const uint8x16_t half = vdupq_n_u8(64);
    return each(
        text, [&](uint8x16_t part) { return vorrq_u8(vqtbl4q_u8(low, part), vqtbl4q_u8(high, vsubq_u8(part, half))); });
}

inline Window classify(Bytes p, Bytes end) {
    std::uint8_t rest[kWindow] = {};
    std::uint64_t inside = ~std::uint64_t{0};
    if (end - p < kWindow) {
        inside = low_bits(static_cast<int>(end - p));
        std::memcpy(rest, p, static_cast<std::size_t>(end - p));
        p = rest;
    }
    const Quarters text{{vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32), vld1q_u8(p + 48)}};
    const uint8x16_t ascii = vdupq_n_u8(0x80), space = vdupq_n_u8(' ');
    const std::uint64_t undecided =
        bits_of(each(text, [ascii](uint8x16_t part) { return vcgeq_u8(part, ascii); })) | ~inside;
    const std::uint64_t decided = low_bits(std::countr_zero(undecided));
    const Quarters kinds = kinds_in(text);
    const std::uint64_t symbol = having(kinds, kSymbol) & decided;
    const std::uint64_t controls =
        bits_of(each(text, [space](uint8x16_t part) { return vcltq_u8(part, space); })) | equal(text, '\x7F');
    return {.undecided = undecided,
            .upper = having(kinds, kUpperCase) & decided,
            .lower = having(kinds, kLowerCase) & decided,
            .digit = having(kinds, kDigit) & decided,
            .blank = having(kinds, kBlank) & decided,
            .space = having(kinds, kSpace) & decided,
            .newline = having(kinds, kNewline) & decided,
            .symbol = symbol,
            .slash = having(kinds, kSlash) & decided,
            .apostrophe = equal(text, '\'') & decided,
            .control = controls & symbol,
            .end = bit_after(inside)};
}

}  // namespace

template <class Splitter>
std::size_t split_neon(Bytes& p, Bytes end, Bytes* starts) {
    std::size_t filled = 0;
    Bytes from = p;
    while (filled < kBlock && from < end) {
        fetch_ahead(from);
        std::uint64_t found = *from < 0x80 ? starts_in<Splitter>(classify(from, end), from, end) : 0;
        if (found > 1) {
            const int last = std::bit_width(found) - 1;
            for (found &= low_bits(last); found != 0; found &= found - 1) {
                starts[filled++] = from + std::countr_zero(found);
            }
            from += last;
        } else {
            starts[filled++] = from;
            from = Splitter::next(from, end);
        }
    }
    starts[filled] = p = from;
    return filled;
}

#define CTXPACK_MAKE(Splitter, pattern) template SplitBlock split_neon<Splitter>;
CTXPACK_EACH_SCANNER(CTXPACK_MAKE)
#undef CTXPACK_MAKE

}  // namespace ctxpack::split

#endif
