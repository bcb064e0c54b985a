#include "encoding/stretch_tag.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <random>

#include "encoding/stretch_sums.hpp"

namespace ctxpack {
namespace {

// To make half a tag of a sum: two numbers of 128 bits, and for the text's size one that is odd.
struct Fold {
    std::uint64_t operator()(const Uint128& sum, std::size_t size) const {
        Uint128 all = product(keys[0], sum.low);
        all += product(keys[1], sum.high);
        return all.high + keys[2] * sum.low + keys[3] * sum.high + (keys[4] | 1) * size;
    }

    std::array<std::uint64_t, 5> keys;
};

class Tagger {
public:
    Tagger() {
        std::random_device device;
        std::array<std::uint32_t, 16> seed;
        std::ranges::generate(seed, std::ref(device));
        std::seed_seq sequence(seed.begin(), seed.end());
        std::mt19937_64 draw(sequence);
        std::ranges::generate(key_.words, std::ref(draw));
        for (Fold& fold : folds_) std::ranges::generate(fold.keys, std::ref(draw));
    }

    StretchTag tag(std::string_view text) const {
        const Sums sums = sums_(text, key_);
        return {folds_[0](sums[0], text.size()), folds_[1](sums[1], text.size()) | 1};
    }

private:
    using SumsOf = Sums (*)(std::string_view, const SumKey&);

    static SumsOf sums_for([[maybe_unused]] cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
        if (level == cpu::Level::avx512) return sums_avx512;
        if (level == cpu::Level::avx2) return sums_avx2;
#endif
        return sums_portable;
    }

    SumKey key_;
    std::array<Fold, 2> folds_;
    SumsOf sums_ = sums_for(cpu::best_level());
};

}  // namespace

StretchTag stretch_tag(std::string_view text) {
    static const Tagger tagger;
    return tagger.tag(text);
}

}  // namespace ctxpack
