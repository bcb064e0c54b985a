#include "bpe/pattern.hpp"

#include <string>
#include <utility>

namespace ctxpack::bpe {

Pattern pattern_named(std::string_view name) {
    static constexpr std::pair<std::string_view, Pattern> kNames[] = {
        {"o200k", Pattern::o200k},       {"tekken", Pattern::tekken}, {"cl100k", Pattern::cl100k},
        {"llama3", Pattern::llama3},     {"qwen", Pattern::qwen},     {"qwen3.5", Pattern::qwen35},
        {"gpt2", Pattern::gpt2},         {"kimi", Pattern::kimi},     {"deepseek", Pattern::deepseek},
        {"external", Pattern::external},
    };
    for (const auto& [known, pattern] : kNames) {
        if (name == known) return pattern;
    }
    throw std::invalid_argument("no split pattern is called " + std::string(name));
}

}  // namespace ctxpack::bpe
