// An encoding: vocabulary, split pattern, special tokens. Counts, encodes and decodes.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpe/merges.hpp"
#include "bpe/specials.hpp"

namespace ctxpack::bpe {

// `external` stands for a pattern that has no scanner here: the pretokens are found elsewhere.
enum class Pattern { o200k, tekken, cl100k, llama3, qwen, qwen35, gpt2, kimi, deepseek, external };

// The pattern of that name ("o200k", "cl100k", ...). Throws std::invalid_argument.
Pattern pattern_named(std::string_view name);

// Where the pretokens of a text end, in bytes, as something else found them.
using PretokenEnds = std::span<const std::uint64_t>;

// From this rank on, up to the next run's, ids go up by one from this id.
struct IdRun {
    TokenId rank;
    TokenId id;
};

struct Workspace;

// Thread-safety: every method may be called from any number of threads at once. Each call borrows a workspace (tables
// and scratch space, kept for later calls), so there are never more of them than there were calls at once.
class Encoding {
public:
    // Throws std::invalid_argument where the data contradicts itself.
    Encoding(const VocabularyData& data, std::span<const IdRun> runs, std::span<const Special> specials,
             Pattern pattern);
    ~Encoding();

    // One more than the largest token id.
    std::size_t n_vocab() const;
    // Tokens that are not special.
    std::size_t n_ordinary() const { return vocabulary_.size(); }

    // Number of tokens of valid UTF-8. Special tokens in the text are plain text. O(bytes).
    std::size_t count(std::string_view text) const;
    std::vector<TokenId> encode(std::string_view text) const;
    // The same for pretokens that were found elsewhere. Throws std::invalid_argument where their ends do not rise.
    std::size_t count(std::string_view text, PretokenEnds ends) const;
    std::vector<TokenId> encode(std::string_view text, PretokenEnds ends) const;
    // The same where the `wanted` special tokens stand for themselves; the text between them is taken by itself.
    std::size_t count(std::string_view text, std::span<const TokenId> wanted) const;
    std::vector<TokenId> encode(std::string_view text, std::span<const TokenId> wanted) const;
    // The same for several texts, on up to `threads` threads.
    std::vector<std::size_t> count_batch(std::span<const std::string_view> texts, std::span<const TokenId> wanted,
                                         std::size_t threads) const;
    std::vector<std::vector<TokenId>> encode_batch(std::span<const std::string_view> texts,
                                                   std::span<const TokenId> wanted, std::size_t threads) const;
    // The bytes of the tokens. Throws std::invalid_argument naming an id that is no token. O(bytes).
    std::string decode(std::span<const TokenId> ids) const;
    std::string_view text(TokenId id) const;
    const Specials& specials() const { return specials_; }
    // The token that these bytes are, special or not, or kNoToken. O(bytes).
    TokenId token(std::string_view bytes) const;

    // Where the pretokens of a text end, in bytes. O(bytes).
    std::vector<std::uint32_t> split(std::string_view text) const;
    // Where the first pretoken of a text that is not empty ends. O(bytes of it and of the blanks behind it).
    std::size_t split_first(std::string_view text) const;
    // The numbers of tokens of the pretokens of a text, in order. O(bytes).
    std::vector<std::uint32_t> count_pretokens(std::string_view text) const;
    // The tokens of bytes that BPE merges without splitting them first. Close to O(bytes).
    std::vector<TokenId> merge(std::string_view piece) const;

private:
    class Loan;

    void number(std::span<const IdRun> runs);
    void check_specials() const;
    std::unique_ptr<Workspace> workspace() const;
    std::vector<TokenId> ids_of(std::vector<TokenId> ranks) const;
    std::unique_ptr<Workspace> borrow() const;
    void give_back(std::unique_ptr<Workspace> workspace) const;

    Vocabulary vocabulary_;
    Merges merges_;
    Pattern pattern_;
    Specials specials_;
    std::vector<TokenId> ids_;    // by rank; empty where ids are ranks
    std::vector<TokenId> ranks_;  // by id, kNoToken for none
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace ctxpack::bpe
