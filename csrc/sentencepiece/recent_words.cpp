#include "sentencepiece/recent_words.hpp"

#include "sentencepiece/bpe.hpp"
#include "sentencepiece/unigram.hpp"

namespace ctxpack::sentencepiece {
namespace {

template <class Worth>
void write_keys(const Bytes* starts, const Bytes* ends, std::size_t words, Bytes, std::uint64_t* keys,
                std::size_t* homes) {
    using Recent = RecentWords<Worth>;
    for (std::size_t i = 0; i < words; ++i) {
        keys[i] = Recent::key(starts[i], static_cast<std::size_t>(ends[i] - starts[i]));
        homes[i] = Recent::home(keys[i]);
    }
}

}  // namespace

template <class Worth>
WriteKeys write_keys_for(cpu::Level level) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512) return write_keys_avx512<Worth>;
#endif
    (void)level;
    return write_keys<Worth>;
}

template WriteKeys write_keys_for<Bpe::Worth>(cpu::Level level);
template WriteKeys write_keys_for<Unigram::Worth>(cpu::Level level);

}  // namespace ctxpack::sentencepiece
