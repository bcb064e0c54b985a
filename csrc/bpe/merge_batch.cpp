#include "bpe/merge_batch.hpp"

#include <algorithm>

#include "unicode/utf8.hpp"

namespace ctxpack::bpe {

bool MergeBatch::add(Bytes p, std::size_t size) {
    if (merger_->add_ascii(p, size)) {
        parts_[parts_size_++] = {};
        parts_of_[size_++] = 1;
        ++merged_;
        return true;
    }
    // What is only ASCII was too long, and is not cut.
    return size <= kBytes && !unicode::all_ascii(p, p + size) && add_parts(p, size);
}

bool MergeBatch::add_parts(Bytes p, std::size_t size) {
    Part* const first = &parts_[parts_size_];
    TokenId* symbols = &symbols_[symbols_size_];
    const std::span<const Part> parts(first, symbols_of(p, size, symbols, first));
    if (!can_merge(parts)) return false;
    const unsigned fewest = parts.size() == 1 ? 2 : 1;
    for (const Part part : parts) {
        if (!part.is_known) merger_->add({symbols, part.symbols}, fewest);
        merged_ += !part.is_known;
        symbols += part.symbols;
    }
    symbols_size_ = static_cast<std::size_t>(symbols - symbols_.data());
    parts_size_ += parts.size();
    parts_of_[size_++] = parts.size();
    return true;
}

std::size_t MergeBatch::symbols_of(Bytes p, std::size_t size, TokenId* to, Part* parts) const {
    if (size > kWhole) return symbols_by_parts(vocabulary_, merges_, p, p + size, to, parts);
    *parts = {static_cast<std::uint16_t>(first_symbols(vocabulary_, merges_, p, p + size, to))};
    return 1;
}

bool MergeBatch::can_merge(std::span<const Part> parts) const {
    std::size_t merged = merged_;
    for (const Part part : parts) {
        if (!part.is_known && part.symbols > PartMerger::kSymbols) return false;
        merged += !part.is_known;
    }
    return merged <= PartMerger::kMost;
}

void MergeBatch::merge() {
    merger_->merge();
    joined_.resize(symbols_size_ + kReadable);
    const Part* part = parts_.data();
    const TokenId* symbols = symbols_.data();
    TokenId* to = joined_.data();
    std::size_t merged = 0;
    for (std::size_t at = 0; at < size_; ++at) {
        const TokenId* const begin = to;
        if (parts_of_[at] == 1 && !part->is_known) {
            tokens_[at] = merger_->tokens(merged++);
            symbols += part++->symbols;
            continue;
        }
        for (const Part* const end = part + parts_of_[at]; part < end; ++part) {
            if (part->is_known) {
                for (std::size_t i = 0; i < part->symbols; ++i) *to++ = ids_.id(symbols[i]);
            } else {
                const std::span<const TokenId> tokens = merger_->tokens(merged++);
                to = std::copy(tokens.begin(), tokens.end(), to);
            }
            symbols += part->symbols;
        }
        tokens_[at] = {begin, to};
    }
}

void MergeBatch::clear() {
    merger_->clear();
    size_ = parts_size_ = symbols_size_ = merged_ = 0;
}

}  // namespace ctxpack::bpe
