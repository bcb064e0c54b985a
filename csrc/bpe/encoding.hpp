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

enum class Pattern { o200k, cl100k };

// The pattern of that name ("o200k", "cl100k"). Throws std::invalid_argument.
Pattern pattern_named(std::string_view name);

struct Workspace;

// Thread-safety: every method may be called from any number of threads at once. Each call borrows a workspace (tables
// and scratch space, kept for later calls), so there are never more of them than there were calls at once.
class Encoding {
public:
    // `specials` is the tail of a vocabulary file: for each token its id (u32), its length (u8) and its text.
    Encoding(const VocabularyData& data, std::span<const std::uint8_t> specials, Pattern pattern);
    ~Encoding();

    // One more than the largest token id.
    std::size_t n_vocab() const { return n_vocab_; }
    // Tokens that are not special; their ids are below that number.
    std::size_t n_ordinary() const { return vocabulary_.size(); }

    // Number of tokens of valid UTF-8. Special tokens in the text are plain text. O(bytes).
    std::size_t count(std::string_view text) const;
    std::vector<TokenId> encode(std::string_view text) const;
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

    std::unique_ptr<Workspace> workspace(std::unique_ptr<Pieces> pieces) const;
    std::unique_ptr<Workspace> borrow() const;
    void give_back(std::unique_ptr<Workspace> workspace) const;

    Vocabulary vocabulary_;
    std::unique_ptr<Merges> merges_;
    Pattern pattern_;
    Specials specials_;
    std::size_t n_vocab_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace ctxpack::bpe
