#include "unicode/transcode.hpp"

#include "unicode/utf8.hpp"

namespace ctxpack::unicode {
namespace {

std::uint8_t continuation(std::uint32_t bits) { return static_cast<std::uint8_t>(0x80 | (bits & 0x3F)); }

// Of a character that is not ASCII.
std::uint8_t* put(std::uint32_t point, std::uint8_t* to) {
    if (point < 0x800) {
        *to++ = static_cast<std::uint8_t>(0xC0 | point >> 6);
    } else {
        if (point < 0x10000) {
            *to++ = static_cast<std::uint8_t>(0xE0 | point >> 12);
        } else {
            *to++ = static_cast<std::uint8_t>(0xF0 | point >> 18);
            *to++ = continuation(point >> 12);
        }
        *to++ = continuation(point >> 6);
    }
    *to++ = continuation(point);
    return to;
}

// Copies ASCII, eight characters at a time, up to where there are no eight; returns how many.
template <class Unit>
std::size_t copy_ascii(const Unit* p, const Unit* end, std::uint8_t* to) {
    constexpr std::ptrdiff_t kStep = 8;
    const Unit* const begin = p;
    for (; end - p >= kStep; p += kStep, to += kStep) {
        Unit all = 0;
        for (std::ptrdiff_t i = 0; i < kStep; ++i) all |= p[i];
        if (all >= 0x80) break;
        for (std::ptrdiff_t i = 0; i < kStep; ++i) to[i] = static_cast<std::uint8_t>(p[i]);
    }
    return static_cast<std::size_t>(p - begin);
}

}  // namespace

template <class Unit>
std::uint8_t* transcode_portable(const Unit* p, const Unit* end, std::uint8_t* to) {
    while (p < end) {
        const std::uint32_t point = *p;
        if (point >= 0x80) {
            if (is_surrogate(point)) return nullptr;
            to = put(point, to);
            ++p;
        } else {
            const std::size_t copied = copy_ascii(p, end, to);
            p += copied;
            to += copied;
            while (p < end && *p < 0x80) *to++ = static_cast<std::uint8_t>(*p++);
        }
    }
    return to;
}

template <class Unit>
Transcode<Unit> transcode_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return transcode_avx512<Unit>;
    if (level == cpu::Level::avx2) return transcode_avx2<Unit>;
#endif
    (void)level;
    return transcode_portable<Unit>;
}

template std::uint8_t* transcode_portable(const std::uint8_t* p, const std::uint8_t* end, std::uint8_t* to);
template std::uint8_t* transcode_portable(const std::uint16_t* p, const std::uint16_t* end, std::uint8_t* to);
template std::uint8_t* transcode_portable(const std::uint32_t* p, const std::uint32_t* end, std::uint8_t* to);
template Transcode<std::uint8_t> transcode_for(cpu::Level level);
template Transcode<std::uint16_t> transcode_for(cpu::Level level);
template Transcode<std::uint32_t> transcode_for(cpu::Level level);

Transcoded::Transcoded(const void* characters, std::size_t size, unsigned width) {
    if (width == 1) {
        assign<std::uint8_t>(characters, size);
    } else if (width == 2) {
        assign<std::uint16_t>(characters, size);
    } else {
        assign<std::uint32_t>(characters, size);
    }
}

// Takes room for the longest UTF-8 there could be, most of which is never touched.
template <class Unit>
void Transcoded::assign(const void* characters, std::size_t size) {
    constexpr std::size_t kMostBytes = sizeof(Unit) == 1 ? 2 : sizeof(Unit) == 2 ? 3 : 4;
    bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(size * kMostBytes + kSpareBytes);
    const auto* const p = static_cast<const Unit*>(characters);
    end_ = transcode_for<Unit>(cpu::best_level())(p, p + size, bytes_.get());
}

}  // namespace ctxpack::unicode
