// Split patterns by their names.
#pragma once

#include <stdexcept>
#include <string_view>

#include "split/splitter.hpp"

namespace ctxpack::bpe {

// `external` stands for a pattern that has no scanner here: the pretokens are found elsewhere.
enum class Pattern { o200k, tekken, cl100k, llama3, qwen, qwen35, gpt2, kimi, deepseek, external };

// The pattern of that name ("o200k", "cl100k", ...). Throws std::invalid_argument.
Pattern pattern_named(std::string_view name);

// Calls `use` with the scanner of a pattern as its template argument. Throws std::logic_error where it has none.
template <class Use>
auto with_scanner(Pattern pattern, Use use) {
    switch (pattern) {
#define CTXPACK_CASE(Scanner, name) \
    case Pattern::name:             \
        return use.template operator()<split::Scanner>();
        CTXPACK_EACH_SCANNER(CTXPACK_CASE)
#undef CTXPACK_CASE
        case Pattern::external:
            break;
    }
    throw std::logic_error("the pattern has no scanner");
}

}  // namespace ctxpack::bpe
