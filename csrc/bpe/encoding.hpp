// An encoding: vocabulary, split pattern, special tokens. Counts, encodes and decodes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpe/vocabulary.hpp"

namespace ctxpack::bpe {

// Of an external pattern, the ends of pretokens have to be given.
enum class Pattern { o200k, cl100k, external };

// The pattern of that name ("o200k", "cl100k", "external"). Throws std::invalid_argument.
Pattern pattern_named(std::string_view name);

struct Workspace;

// Where the pretokens of a text end, in bytes, for a pattern that has no scanner here.
using Ends = std::span<const std::uint64_t>;

// From this rank on, up to the next run's, ids go up by one from this id.
struct IdRun {
    TokenId rank;
    TokenId id;
};

// A token that is no pretoken's: its id and its bytes.
struct Special {
    TokenId id;
    std::string_view text;
};

// Thread-safety: every method may be called from any number of threads at once. Each call borrows a workspace (caches
// and scratch space, a few MB, kept for later calls), so there are never more of them than there were calls at once.
class Encoding {
public:
    // Throws std::invalid_argument where the data contradicts itself.
    Encoding(const VocabularyData& data, std::span<const IdRun> runs, std::span<const Special> specials, Pattern pattern);
    ~Encoding();

    // One more than the largest token id.
    std::size_t n_vocab() const;

    // Number of tokens of valid UTF-8. Special tokens in the text are plain text. O(bytes).
    std::size_t count(std::string_view text) const;
    std::size_t count(std::string_view text, Ends ends) const;
    // The numbers of tokens of several texts, on up to `threads` threads.
    std::vector<std::size_t> count_batch(std::span<const std::string_view> texts, std::size_t threads) const;
    std::vector<TokenId> encode(std::string_view text) const;
    std::vector<TokenId> encode(std::string_view text, Ends ends) const;
    // The bytes of the tokens. Throws std::invalid_argument naming an id that is no token. O(bytes).
    std::string decode(std::span<const TokenId> ids) const;

private:
    class Loan;

    void number(std::span<const IdRun> runs);
    void add(const Special& special);
    void to_ids(std::vector<TokenId>& ranks) const;
    std::string_view text(TokenId id) const;
    std::unique_ptr<Workspace> borrow() const;
    void give_back(std::unique_ptr<Workspace> workspace) const;

    Vocabulary vocabulary_;
    Pattern pattern_;
    std::vector<TokenId> ids_;    // by rank; empty where ids are ranks
    std::vector<TokenId> ranks_;  // by id, kNoToken for none
    std::map<TokenId, std::string> specials_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace ctxpack::bpe
