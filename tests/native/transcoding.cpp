// Compares every transcoder that this processor can run with an obvious one, on every code point and on generated text.
#include <random>

#include "transcode_checks.hpp"

namespace {

using ctxpack::tests::compare_transcoders;

// Of the kinds given as bits: ASCII, and what is two, three and four bytes long.
std::uint32_t drawn(std::mt19937& random, unsigned kinds) {
    for (;;) {
        const unsigned kind = random() % 4;
        if ((kinds >> kind & 1) == 0) continue;
        const std::uint32_t first[] = {0, 0x80, 0x800, 0x10000, 0x110000};
        return first[kind] + static_cast<std::uint32_t>(random() % (first[kind + 1] - first[kind]));
    }
}

template <class Unit>
void compare_drawn(std::mt19937& random) {
    constexpr unsigned kMost = 400;
    const unsigned kinds = 1 + random() % (sizeof(Unit) == 4 ? 15 : sizeof(Unit) == 2 ? 7 : 3);
    const bool mostly_ascii = random() % 2 != 0;
    std::vector<Unit> characters(random() % kMost);
    for (Unit& character : characters) {
        std::uint32_t point = mostly_ascii && random() % 64 != 0 ? 'a' : drawn(random, kinds);
        const bool fits = point <= static_cast<Unit>(~Unit{0});
        // Most texts have no surrogate.
        const bool surrogate = point >= 0xD800 && point < 0xE000 && random() % 1000 != 0;
        character = static_cast<Unit>(fits && !surrogate ? point : 'b');
    }
    compare_transcoders(characters);
}

// All together, and every `step`th alone.
template <class Unit>
void compare_every(std::uint32_t from, std::uint32_t to, std::size_t step = 1) {
    std::vector<Unit> characters;
    for (std::uint32_t point = from; point < to; ++point) characters.push_back(static_cast<Unit>(point));
    compare_transcoders(characters);
    for (std::size_t i = 0; i < characters.size(); i += step) compare_transcoders(std::vector<Unit>{characters[i]});
}

}  // namespace

int main() {
    compare_every<std::uint8_t>(0, 0x100);
    compare_every<std::uint16_t>(0, 0xD800);
    compare_every<std::uint16_t>(0xE000, 0x10000);
    for (std::uint32_t point = 0xD7FF; point <= 0xE000; ++point) {
        compare_transcoders(std::vector<std::uint16_t>{'a', static_cast<std::uint16_t>(point)});
        compare_transcoders(std::vector<std::uint32_t>{'a', point});
    }
    compare_every<std::uint32_t>(0, 0x3000);
    compare_every<std::uint32_t>(0x3000, 0xD800, 17);
    compare_every<std::uint32_t>(0xE000, 0x110000, 17);
    std::mt19937 random(20261126);
    for (int i = 0; i < 20'000; ++i) {
        compare_drawn<std::uint8_t>(random);
        compare_drawn<std::uint16_t>(random);
        compare_drawn<std::uint32_t>(random);
    }
}
