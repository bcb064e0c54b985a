// Tags of stretches, their sums at every level, and the table that they are looked up in.
#include <algorithm>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "encoding/known_stretches.hpp"
#include "encoding/stretch_sums.hpp"
#include "guarded.hpp"
#include "require.hpp"

namespace {

using namespace ctxpack;
using tests::require;

std::string drawn(std::mt19937& random, std::size_t size) {
    std::string text(size, '\0');
    std::ranges::generate(text, [&] { return static_cast<char>(random()); });
    return text;
}

StretchTag tag(const std::string& text) {
    static tests::Guarded guarded;
    return stretch_tag({reinterpret_cast<const char*>(guarded.copy(std::span(text))), text.size()});
}

// Bit by bit.
Uint128 slow_product(std::uint64_t left, std::uint64_t right) {
    Uint128 all{};
    for (int bit = 0; bit < 64; ++bit) {
        if ((right >> bit & 1) == 0) continue;
        all += Uint128{left << bit, bit == 0 ? 0 : left >> (64 - bit)};
    }
    return all;
}

void check_products(std::mt19937& random) {
    std::mt19937_64 draw(random());
    std::vector<std::uint64_t> numbers{0, 1, 0xFFFFFFFF, 0x100000000, ~std::uint64_t{0}};
    for (int i = 0; i < 20; ++i) numbers.push_back(draw() >> i * 3);
    for (const std::uint64_t left : numbers) {
        for (const std::uint64_t right : numbers) {
            const Uint128 wanted = slow_product(left, right);
            for (const Uint128& found : {product(left, right), product_by_halves(left, right)}) {
                require(found.low == wanted.low && found.high == wanted.high, "a product is wrong");
            }
        }
    }
}

// Wherever a text lies, its tag is the same; with one byte less or changed it is another.
void check_tags(std::mt19937& random) {
    for (const std::size_t size : {0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1000, 4096, 8192, 32'767, 32'768}) {
        const std::string text = drawn(random, size);
        require(tag(text) == tag(text) && tag(text) == stretch_tag(text), "a tag is not that of the text");
        std::set<std::pair<std::uint64_t, std::uint64_t>> tags;
        std::size_t texts = 0;
        const auto add = [&](const std::string& other) {
            const StretchTag found = tag(other);
            tags.insert({found.first, found.second});
            ++texts;
        };
        add(text);
        for (std::size_t at = 0; at < size; at += 1 + size / 50) {
            std::string other = text;
            other[at] ^= static_cast<char>(1 << random() % 8);
            add(other);
            add(text.substr(0, at));
        }
        require(tags.size() == texts, "two texts have the same tag");
    }
}

void check_zeros() {
    std::set<std::uint64_t> firsts, seconds;
    for (std::size_t size = 0; size <= 300; ++size) {
        const StretchTag found = tag(std::string(size, '\0'));
        firsts.insert(found.first);
        seconds.insert(found.second);
    }
    require(firsts.size() == 301 && seconds.size() == 301, "zeros of two sizes have the same half of a tag");
}

// Every word counts at every level, in both sums.
void check_sums(std::mt19937& random) {
    static SumKey key;
    std::mt19937_64 draw(random());
    std::ranges::generate(key.words, std::ref(draw));
    std::vector<Sums (*)(std::string_view, const SumKey&)> levels{sums_portable};
#if defined(CTXPACK_X86_VECTORS)
    if (cpu::can_run(cpu::Level::avx2)) levels.push_back(sums_avx2);
    if (cpu::can_run(cpu::Level::avx512)) levels.push_back(sums_avx512);
#endif
    for (const auto sums : levels) {
        const std::string text = drawn(random, 1000);
        const Sums whole = sums(text, key);
        for (std::size_t at = 0; at < text.size(); ++at) {
            std::string other = text;
            other[at] ^= 1;
            const Sums changed = sums(other, key);
            for (std::size_t i = 0; i < whole.size(); ++i) {
                require(whole[i].low != changed[i].low || whole[i].high != changed[i].high, "a sum leaves a byte out");
            }
        }
    }
}

void check_table(std::mt19937& random) {
    std::mt19937_64 draw(random());
    KnownStretches<std::uint32_t> known;
    std::vector<StretchTag> tags;
    for (std::uint32_t i = 0; i < 1'000'000; ++i) {
        const StretchTag next{draw(), draw() | 1};
        tags.push_back(next);
        require(known.find(next) == nullptr, "a stretch is known that was not added");
        known.add(next, i);
        require(*known.find(next) == i, "a stretch that was added is not known");
        if (i == 10'000) {
            for (std::uint32_t j = 0; j <= i; ++j) {
                const std::uint32_t* const found = known.find(tags[j]);
                require(found == nullptr || *found == j, "a stretch is taken for another");
            }
            require(
                static_cast<std::size_t>(std::ranges::count_if(
                    tags, [&](const StretchTag& tag) { return known.find(tag) != nullptr; })) > tags.size() * 9 / 10,
                "many stretches are forgotten");
        }
    }
    require(static_cast<std::size_t>(std::ranges::count_if(
                tags, [&](const StretchTag& tag) { return known.find(tag) != nullptr; })) > 200'000,
            "few stretches are kept");
    known.add(tags.back(), 7);
    require(*known.find(tags.back()) == 7, "a stretch cannot be added again");
}

}  // namespace

int main() {
    std::mt19937 random(20261127);
    check_products(random);
    check_tags(random);
    check_zeros();
    check_sums(random);
    check_table(random);
}
