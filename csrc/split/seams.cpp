#include "split/seams.hpp"

namespace ctxpack::split {
namespace {

// U+3000 to U+303F and U+FF00 to U+FF3F.
bool is_cjk_punctuation(Bytes p, Class is) {
    const bool in_block = (p[0] == 0xE3 && p[1] == 0x80) || (p[0] == 0xEF && p[1] == 0xBC);
    return in_block && in(is, set_of(Class::punctuation, Class::space));
}

bool ends_letters(Bytes p, Class is) { return *p < 0x80 ? !in(is, kLetters) && *p != '\'' : is_cjk_punctuation(p, is); }

}  // namespace

Bytes next_seam(Bytes p, Bytes limit, Bytes end) {
    while (p < limit && unicode::is_continuation(*p)) ++p;
    Class before = kNothing;
    while (p < limit) {
        const Look at = look(p, end);
        if (in(before, kLetters) && ends_letters(p, at.is)) return p;
        before = at.is;
        p = at.next;
    }
    return limit;
}

}  // namespace ctxpack::split
