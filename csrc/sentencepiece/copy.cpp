#include "sentencepiece/copy.hpp"

#include <cstring>

#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

// Bytes that are looked at together.
constexpr std::ptrdiff_t kWindow = 32;

// Copies kWindow bytes, and one more is there, if that is all there is to do.
bool copy_window(const CopyTable& table, Bytes p, CopyEnd& copied) {
    std::uint8_t bad = (p[kWindow] & 0x80) | (copied.after_space & (p[0] == ' '));
    for (int i = 0; i < kWindow; ++i) {
        bad |= (static_cast<std::uint8_t>(p[i] - table.lowest) > table.range) | (p[i] == table.odd);
    }
    if (table.tidies) {
        for (int i = 0; i + 1 < kWindow; ++i) bad |= (p[i] == ' ') & (p[i + 1] == ' ');
    }
    if (bad != 0) return false;
    std::memcpy(copied.to, p, kWindow);
    copied.to += kWindow;
    copied.after_space = table.tidies && p[kWindow - 1] == ' ';
    return true;
}

// Copies byte by byte, up to `stop` at most.
Bytes copy_bytes(const CopyTable& table, Bytes p, Bytes stop, Bytes end, CopyEnd& copied) {
    auto [to, after_space] = copied;
    for (; p < stop; ++p) {
        const std::uint8_t byte = table[*p];
        if (byte == CopyTable::kLookCloser || (p + 1 < end && p[1] >= 0x80)) break;
        *to = byte;
        to += !(after_space & (byte == ' '));
        after_space = table.tidies & (byte == ' ');
    }
    copied = {to, after_space};
    return p;
}

Bytes copy_portable(const CopyTable& table, Bytes p, Bytes end, CopyEnd& copied) {
    while (end - p > kWindow) {
        const Bytes stop = p + kWindow;
        if (copy_window(table, p, copied)) {
            p = stop;
        } else if ((p = copy_bytes(table, p, stop, end, copied)) < stop) {
            return p;
        }
    }
    return copy_bytes(table, p, end, end, copied);
}

bool all_stay(const NonAsciiTable& non_ascii, std::uint8_t lead) {
    return non_ascii.has(NonAsciiTable::kAllStay, lead);
}

// Characters that begin so that they stay. Most have three bytes; where a branch says so, the next need not wait.
Bytes copy_verbatim(const NonAsciiTable& non_ascii, Bytes p, Bytes end, std::uint8_t*& to) {
    constexpr std::ptrdiff_t kRead = 4;
    while (end - p >= kRead && (*p & 0xF0) == 0xE0 && all_stay(non_ascii, *p)) {
        std::memcpy(to, p, kRead);
        p += 3;
        to += 3;
    }
    while (p < end && all_stay(non_ascii, *p)) {
        do *to++ = *p++;
        while (p < end && unicode::is_continuation(*p));
    }
    return p;
}

// Whether the character at `p` joins the one before it.
bool joins(const NonAsciiTable& non_ascii, Bytes p, Bytes end) {
    if (p == end || !non_ascii.has(NonAsciiTable::kSomeJoin, *p)) return false;
    return (non_ascii.points[unicode::decode(p).point] & NonAsciiTable::kJoins) != 0;
}

// Copies other characters. No branch asks which of them stay: it could not be predicted.
Bytes copy_points(const NonAsciiTable& non_ascii, Bytes p, Bytes end, std::uint8_t*& to) {
    while (p < end && *p >= 0xC0 && !all_stay(non_ascii, *p)) {
        const unicode::Character found = unicode::decode(p);
        if (found.point >= NonAsciiTable::kPoints) break;
        const std::uint8_t becomes = non_ascii.points[found.point];
        const bool stays = becomes >= NonAsciiTable::kStays;
        if (stays && (becomes & NonAsciiTable::kLookCloser) == NonAsciiTable::kLookCloser) break;
        if (stays && (becomes & NonAsciiTable::kStaysUnjoined) == NonAsciiTable::kStaysUnjoined &&
            joins(non_ascii, p + found.length, end))
            break;
        to[0] = stays ? p[0] : becomes;
        to[1] = p[1];
        to[2] = p[found.length - 1];
        to += stays ? found.length : 1;
        p += found.length;
    }
    return p;
}

// ASCII has its own way to be copied many bytes at a time.
Bytes copy_non_ascii_portable(const CopyTable&, const NonAsciiTable& non_ascii, Bytes p, Bytes end, CopyEnd& copied) {
    const Bytes begin = p;
    for (Bytes stopped = nullptr; p != stopped;) {
        stopped = p;
        p = copy_points(non_ascii, copy_verbatim(non_ascii, p, end, copied.to), end, copied.to);
    }
    copied.after_space &= p == begin;
    return p;
}

}  // namespace

void CopyTable::find_range() {
    const auto stays = [this](std::uint8_t byte) { return byte < 0x80 && (byte == odd || bytes[byte] == byte); };
    for (std::uint8_t byte = ' '; byte <= '~' && odd == kNone; ++byte) {
        if (!stays(byte)) odd = byte;
    }
    std::uint8_t highest = 'a';
    while (stays(static_cast<std::uint8_t>(lowest - 1))) --lowest;
    while (stays(static_cast<std::uint8_t>(highest + 1))) ++highest;
    if (bytes['a'] == 'a') range = highest - lowest;
}

Copy copy_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return copy_avx512;
    if (level == cpu::Level::avx2) return copy_avx2;
#endif
    (void)level;
    return copy_portable;
}

CopyNonAscii copy_non_ascii_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return copy_non_ascii_avx512;
#endif
    (void)level;
    return copy_non_ascii_portable;
}

}  // namespace ctxpack::sentencepiece
