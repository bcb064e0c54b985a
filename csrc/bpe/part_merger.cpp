#include "bpe/part_merger.hpp"

#include "bpe/merge_columns_avx512.hpp"
#include "bpe/merge_rows.hpp"

namespace ctxpack::bpe {

std::unique_ptr<PartMerger> part_merger_for(cpu::Level level, const Vocabulary& vocabulary, const Merges& merges,
                                            const Ids& ids) {
#if defined(CTXPACK_X86_VECTORS)
    if (level == cpu::Level::avx512 && !merges.has_haste()) {
        return std::make_unique<MergeColumns>(vocabulary, merges, ids);
    }
#endif
    (void)level;
    return std::make_unique<MergeRows>(vocabulary, merges, ids);
}

}  // namespace ctxpack::bpe
