// Byte-pair encoding of the pretokens that a split pattern cuts.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpe/external.hpp"
#include "bpe/ids.hpp"
#include "bpe/merges.hpp"
#include "bpe/pattern.hpp"
#include "encoding/encoding.hpp"
#include "encoding/idle.hpp"

namespace ctxpack::bpe {

struct Workspace;

// Each call borrows a workspace (tables and scratch space, kept for later calls), so there are never more of them than
// there were calls at once.
class Encoding final : public ctxpack::Encoding {
public:
    // `external` finds the pretokens of Pattern::external, and is not called for the others. Keeps no view of the data,
    // the runs or the special tokens. Throws std::invalid_argument where they contradict themselves or each other.
    Encoding(const VocabularyData& data, std::span<const IdRun> runs, std::span<const Special> specials,
             Pattern pattern, Split external = {}, Normalize normalize = {}, bool normalizes_first = false);
    ~Encoding() override;

    std::size_t n_vocab() const override;

    // Throw std::invalid_argument where the ends of pretokens found elsewhere do not rise. O(bytes), but for what
    // finding those costs.
    using ctxpack::Encoding::count;
    using ctxpack::Encoding::encode;
    std::size_t count(std::string_view text) const override;
    std::vector<TokenId> encode(std::string_view text) const override;
    std::string decode(std::span<const TokenId> ids) const override;
    // The bytes of a token, for as long as the encoding lives. Throws std::invalid_argument for an id that is none.
    std::string_view text(TokenId id) const;
    // O(bytes); O(tokens) where no text becomes it.
    TokenId token(std::string_view spelling) const override;

    std::unique_ptr<ctxpack::Offsets> offsets(std::string_view text) const override;
    std::unique_ptr<ctxpack::Counter> counter() const override;
    std::size_t fit_head(std::string_view text, std::size_t tokens) const override;
    std::size_t fit_tail(std::string_view text, std::size_t tokens) const override;

    // Whether the pattern is scanned here: then it is known that it looks ahead but never back.
    bool scans() const { return pattern_ != Pattern::external; }
    // Where the pretokens of a text end, in bytes. Throws std::invalid_argument for 4 GiB or more. O(bytes).
    std::vector<std::uint32_t> split(std::string_view text) const;
    // Where the first pretoken of a text that is not empty ends; of a pattern that is scanned here. O(bytes of it and
    // of the blanks after it).
    std::size_t split_first(std::string_view text) const;
    // The numbers of tokens of the pretokens of a text, in order. O(bytes).
    std::vector<std::uint32_t> count_pretokens(std::string_view text) const;
    // Bytes of the longest token that text becomes.
    std::size_t longest() const { return vocabulary_.longest(); }
    // Bytes of the longest token that no merge makes, so that merge() never finds it; 0 where there is none.
    std::size_t longest_whole() const { return vocabulary_.longest_whole(); }
    // The tokens of bytes that BPE merges without splitting them first. Close to O(bytes).
    std::vector<TokenId> merge(std::string_view pretoken) const;

private:
    class Loan;

    void check_bytes() const;
    void check_specials() const;
    TokenId unreached_token(std::string_view spelling) const;
    std::unique_ptr<Workspace> workspace() const;
    template <class Sink>
    void scan(Workspace& workspace, std::string_view text, Sink& sink) const;

    Vocabulary vocabulary_;
    Merges merges_;
    Ids ids_;
    Pattern pattern_;
    Split external_;
    mutable Idle<Workspace> idle_;
};

}  // namespace ctxpack::bpe
