#include "sentencepiece/recent_words.hpp"

#include "sentencepiece/bpe.hpp"
#include "sentencepiece/unigram.hpp"

namespace ctxpack::sentencepiece {
namespace {

template <class Worth>
std::size_t find_words(const RecentWords<Worth>& recent, const Bytes* starts, const Bytes* ends, std::size_t words,
                       Bytes, Worth* worths, std::uint32_t* rest) {
    std::size_t left = 0;
    for (std::size_t i = 0; i < words; ++i) {
        const auto key = recent.key(starts[i], static_cast<std::size_t>(ends[i] - starts[i]));
        rest[left] = static_cast<std::uint32_t>(i);
        left += !recent.find(key, recent.home(key), worths[i]);
    }
    return left;
}

}  // namespace

template <class Worth>
FindWords<Worth> find_words_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return find_words_avx512<Worth>;
#endif
    (void)level;
    return find_words<Worth>;
}

template FindWords<Bpe::Worth> find_words_for(cpu::Level level);
template FindWords<Unigram::Worth> find_words_for(cpu::Level level);

}  // namespace ctxpack::sentencepiece
