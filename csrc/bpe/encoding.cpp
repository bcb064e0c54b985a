#include "bpe/encoding.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <stdexcept>

#include "bpe/scan.hpp"
#include "split/cl100k.hpp"
#include "split/o200k.hpp"

namespace ctxpack::bpe {
namespace {

template <class Sink>
void scan(const Vocabulary& vocabulary, Pattern pattern, Workspace& workspace, std::string_view text, Sink& sink) {
    const auto* const p = reinterpret_cast<Bytes>(text.data());
    switch (pattern) {
        case Pattern::o200k:
            return Scan<split::O200k, Sink>(vocabulary, workspace, sink).run(p, p + text.size());
        case Pattern::cl100k:
            return Scan<split::Cl100k, Sink>(vocabulary, workspace, sink).run(p, p + text.size());
        case Pattern::external:
            throw std::invalid_argument("the ends of the pretokens are missing");
    }
}

// Pretokens that were found elsewhere.
template <class Sink>
void scan_pieces(const Vocabulary& vocabulary, Workspace& workspace, std::string_view text, Ends ends, Sink& sink) {
    const auto* p = reinterpret_cast<Bytes>(text.data());
    const Bytes begin = p, end = p + text.size();
    for (const std::uint64_t stop : ends) {
        const Bytes next = begin + stop;
        if (next <= p || next > end) throw std::invalid_argument("pretokens are out of order");
        const auto size = static_cast<std::size_t>(next - p);
        const TokenId id = vocabulary.find_piece(p, size, end);
        id != kNoToken ? sink.add_token(id) : sink.add_merged(workspace.merger.merge(p, size));
        p = next;
    }
}

constexpr TokenId kLastId = 1 << 24;

}  // namespace

Pattern pattern_named(std::string_view name) {
    if (name == "o200k") return Pattern::o200k;
    if (name == "cl100k") return Pattern::cl100k;
    if (name == "external") return Pattern::external;
    throw std::invalid_argument("no split pattern is called " + std::string(name));
}

// A workspace for the length of one call.
class Encoding::Loan {
public:
    explicit Loan(const Encoding& owner) : owner_(owner), workspace_(owner.borrow()) {}
    ~Loan() { owner_.give_back(std::move(workspace_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    Workspace& operator*() { return *workspace_; }

private:
    const Encoding& owner_;
    std::unique_ptr<Workspace> workspace_;
};

Encoding::Encoding(
    const VocabularyData& data, std::span<const IdRun> runs, std::span<const Special> specials, Pattern pattern)
    : vocabulary_(data), pattern_(pattern) {
    number(runs);
    for (const Special& special : specials) add(special);
}

Encoding::~Encoding() = default;

// Fills ids_ and ranks_. Runs start at rank 0; ids that are ranks need no table of their own.
void Encoding::number(std::span<const IdRun> runs) {
    if (runs.empty() || runs[0].rank != 0) throw std::invalid_argument("a token has no id");
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const std::size_t end = i + 1 < runs.size() ? runs[i + 1].rank : vocabulary_.size();
        if (end <= ids_.size() || end > vocabulary_.size()) throw std::invalid_argument("runs of ids are out of order");
        for (TokenId id = runs[i].id; ids_.size() < end; ++id) ids_.push_back(id);
    }
    const TokenId last = *std::max_element(ids_.begin(), ids_.end());
    if (last > kLastId) throw std::invalid_argument("an id is too large");
    ranks_.assign(last + 1, kNoToken);
    for (TokenId rank = 0; rank < ids_.size(); ++rank) {
        TokenId& slot = ranks_[ids_[rank]];
        if (slot != kNoToken) throw std::invalid_argument("two tokens have one id");
        slot = rank;
    }
    if (runs.size() == 1 && runs[0].id == 0) ids_.clear();
}

void Encoding::add(const Special& special) {
    const bool taken = special.id < ranks_.size() && ranks_[special.id] != kNoToken;
    if (special.id > kLastId) throw std::invalid_argument("an id is too large");
    if (taken || !specials_.emplace(special.id, special.text).second) {
        throw std::invalid_argument("two tokens have one id");
    }
}

std::size_t Encoding::n_vocab() const {
    return specials_.empty() ? ranks_.size() : std::max<std::size_t>(ranks_.size(), specials_.rbegin()->first + 1);
}

void Encoding::to_ids(std::vector<TokenId>& ranks) const {
    if (ids_.empty()) return;
    for (TokenId& token : ranks) token = ids_[token];
}

std::unique_ptr<Workspace> Encoding::borrow() const {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            auto workspace = std::move(idle_.back());
            idle_.pop_back();
            return workspace;
        }
    }
    return std::make_unique<Workspace>(vocabulary_);
}

void Encoding::give_back(std::unique_ptr<Workspace> workspace) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(workspace));
}

std::size_t Encoding::count(std::string_view text) const {
    Loan workspace(*this);
    CountSink sink;
    scan(vocabulary_, pattern_, *workspace, text, sink);
    return sink.total();
}

std::size_t Encoding::count(std::string_view text, Ends ends) const {
    Loan workspace(*this);
    CountSink sink;
    scan_pieces(vocabulary_, *workspace, text, ends, sink);
    return sink.total();
}

std::vector<TokenId> Encoding::encode(std::string_view text) const {
    Loan workspace(*this);
    std::vector<TokenId> ids;
    ids.reserve(text.size() / 4);  // a usual number of bytes a token
    IdSink sink(ids);
    scan(vocabulary_, pattern_, *workspace, text, sink);
    to_ids(ids);
    return ids;
}

std::vector<TokenId> Encoding::encode(std::string_view text, Ends ends) const {
    Loan workspace(*this);
    std::vector<TokenId> ids;
    IdSink sink(ids);
    scan_pieces(vocabulary_, *workspace, text, ends, sink);
    to_ids(ids);
    return ids;
}

std::vector<std::size_t> Encoding::count_batch(std::span<const std::string_view> texts, std::size_t threads) const {
    std::vector<std::size_t> counts(texts.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < texts.size(); i = next++) counts[i] = count(texts[i]);
    };
    std::vector<std::future<void>> helpers;
    for (std::size_t i = 1; i < std::min(threads, texts.size()); ++i) {
        helpers.push_back(std::async(std::launch::async, work));
    }
    work();
    for (auto& helper : helpers) helper.get();
    return counts;
}

std::string_view Encoding::text(TokenId id) const {
    const TokenId rank = id < ranks_.size() ? ranks_[id] : kNoToken;
    if (rank != kNoToken) {
        return {reinterpret_cast<const char*>(vocabulary_.text(rank)), vocabulary_.length(rank)};
    }
    const auto special = specials_.find(id);
    if (special == specials_.end()) throw std::invalid_argument(std::to_string(id) + " is no token id");
    return special->second;
}

std::string Encoding::decode(std::span<const TokenId> ids) const {
    std::string bytes;
    bytes.reserve(ids.size() * 4);
    for (const TokenId id : ids) bytes += text(id);
    return bytes;
}

}  // namespace ctxpack::bpe
