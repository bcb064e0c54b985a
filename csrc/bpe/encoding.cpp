#include "bpe/encoding.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <stdexcept>

#include "bpe/pretoken_sink.hpp"
#include "bpe/scan.hpp"

namespace ctxpack::bpe {
namespace {

// Calls `use` with the scanner of a pattern as its template argument.
template <class Use>
auto with_scanner(Pattern pattern, Use use) {
    switch (pattern) {
        case Pattern::o200k:
            return use.template operator()<split::O200k>();
        case Pattern::tekken:
            return use.template operator()<split::Tekken>();
        case Pattern::cl100k:
            return use.template operator()<split::Cl100k>();
        case Pattern::llama3:
            return use.template operator()<split::Llama3>();
        case Pattern::qwen:
            return use.template operator()<split::Qwen>();
        case Pattern::qwen35:
            return use.template operator()<split::Qwen35>();
        case Pattern::gpt2:
            return use.template operator()<split::Gpt2>();
        case Pattern::kimi:
            return use.template operator()<split::Kimi>();
        case Pattern::deepseek:
            return use.template operator()<split::DeepSeek>();
        case Pattern::external:
            break;
    }
    throw std::invalid_argument("the ends of the pretokens are missing");
}

template <class Sink>
void scan(Pattern pattern, Workspace& workspace, std::string_view text, Sink& sink) {
    const auto* const p = reinterpret_cast<Bytes>(text.data());
    with_scanner(pattern,
                 [&]<class Splitter>() { Scan<Splitter, Sink>(workspace, sink).run(p, p + text.size()); });
}

// Pretokens that were found elsewhere.
template <class Sink>
void scan_pieces(Workspace& workspace, std::string_view text, PretokenEnds ends, Sink& sink) {
    const auto* p = reinterpret_cast<Bytes>(text.data());
    const Bytes begin = p, end = p + text.size();
    for (const std::uint64_t stop : ends) {
        const Bytes next = begin + stop;
        if (next <= p || next > end) throw std::invalid_argument("pretokens are out of order");
        const auto size = static_cast<std::size_t>(next - p);
        const TokenId rank = workspace.pieces.token(p, size, end);
        if (rank != kNoToken) {
            sink.add(PieceTokens{1, &rank});
        } else {
            const std::vector<TokenId>& ranks = workspace.merger.merge(p, size, 1);
            sink.add(PieceTokens{ranks.size(), ranks.data()});
        }
        p = next;
    }
}

constexpr TokenId kLastId = 1 << 24;
constexpr std::size_t kUsualBytes = 4;  // of a token

// Calls work(0) .. work(size - 1) on up to `threads` threads.
template <class Work>
void for_each(std::size_t size, std::size_t threads, Work work) {
    std::atomic<std::size_t> next = 0;
    const auto run = [&] {
        for (std::size_t i = next++; i < size; i = next++) work(i);
    };
    std::vector<std::future<void>> helpers;
    for (std::size_t i = 1; i < std::min(threads, size); ++i) helpers.push_back(std::async(std::launch::async, run));
    run();
    for (auto& helper : helpers) helper.get();
}

}  // namespace

Pattern pattern_named(std::string_view name) {
    static constexpr std::pair<std::string_view, Pattern> kNames[] = {
        {"o200k", Pattern::o200k},   {"tekken", Pattern::tekken}, {"cl100k", Pattern::cl100k},
        {"llama3", Pattern::llama3}, {"qwen", Pattern::qwen},     {"qwen3.5", Pattern::qwen35},
        {"gpt2", Pattern::gpt2},     {"kimi", Pattern::kimi},     {"deepseek", Pattern::deepseek},
        {"external", Pattern::external},
    };
    for (const auto& [known, pattern] : kNames) {
        if (name == known) return pattern;
    }
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

Encoding::Encoding(const VocabularyData& data, std::span<const IdRun> runs, std::span<const Special> specials,
                   Pattern pattern)
    : vocabulary_(data), merges_(vocabulary_, data), pattern_(pattern), specials_(specials) {
    number(runs);
    check_specials();
    give_back(workspace());
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

void Encoding::check_specials() const {
    for (const auto& [id, text] : specials_.texts()) {
        if (id > kLastId) throw std::invalid_argument("an id is too large");
        if (id < ranks_.size() && ranks_[id] != kNoToken) throw std::invalid_argument("two tokens have one id");
    }
}

std::size_t Encoding::n_vocab() const {
    const auto& specials = specials_.texts();
    return specials.empty() ? ranks_.size() : std::max<std::size_t>(ranks_.size(), specials.rbegin()->first + 1);
}

std::vector<TokenId> Encoding::ids_of(std::vector<TokenId> ranks) const {
    if (ids_.empty()) return ranks;
    for (TokenId& token : ranks) token = ids_[token];
    return ranks;
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
    return workspace();
}

std::unique_ptr<Workspace> Encoding::workspace() const { return std::make_unique<Workspace>(vocabulary_, merges_); }

void Encoding::give_back(std::unique_ptr<Workspace> workspace) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(workspace));
}

std::size_t Encoding::count(std::string_view text) const {
    Loan workspace(*this);
    CountSink sink;
    scan(pattern_, *workspace, text, sink);
    return sink.total();
}

std::vector<TokenId> Encoding::encode(std::string_view text) const {
    Loan workspace(*this);
    IdSink sink(text.size() / kUsualBytes);
    scan(pattern_, *workspace, text, sink);
    return ids_of(sink.take());
}

std::size_t Encoding::count(std::string_view text, PretokenEnds ends) const {
    Loan workspace(*this);
    CountSink sink;
    scan_pieces(*workspace, text, ends, sink);
    return sink.total();
}

std::vector<TokenId> Encoding::encode(std::string_view text, PretokenEnds ends) const {
    Loan workspace(*this);
    IdSink sink(text.size() / kUsualBytes);
    scan_pieces(*workspace, text, ends, sink);
    return ids_of(sink.take());
}

std::size_t Encoding::count(std::string_view text, std::span<const TokenId> wanted) const {
    if (wanted.empty()) return count(text);
    std::size_t total = 0, from = 0;
    while (const auto match = specials_.find(text, from, wanted)) {
        total += count(text.substr(from, match->begin - from)) + 1;
        from = match->end;
    }
    return total + count(text.substr(from));
}

std::vector<TokenId> Encoding::encode(std::string_view text, std::span<const TokenId> wanted) const {
    if (wanted.empty()) return encode(text);
    std::vector<TokenId> ids;
    const auto add = [&](std::string_view part) {
        const std::vector<TokenId> more = encode(part);
        ids.insert(ids.end(), more.begin(), more.end());
    };
    std::size_t from = 0;
    while (const auto match = specials_.find(text, from, wanted)) {
        add(text.substr(from, match->begin - from));
        ids.push_back(match->id);
        from = match->end;
    }
    add(text.substr(from));
    return ids;
}

std::vector<std::size_t> Encoding::count_batch(std::span<const std::string_view> texts,
                                               std::span<const TokenId> wanted, std::size_t threads) const {
    std::vector<std::size_t> counts(texts.size());
    for_each(texts.size(), threads, [&](std::size_t i) { counts[i] = count(texts[i], wanted); });
    return counts;
}

std::vector<std::vector<TokenId>> Encoding::encode_batch(std::span<const std::string_view> texts,
                                                         std::span<const TokenId> wanted, std::size_t threads) const {
    std::vector<std::vector<TokenId>> ids(texts.size());
    for_each(texts.size(), threads, [&](std::size_t i) { ids[i] = encode(texts[i], wanted); });
    return ids;
}

std::vector<std::uint32_t> Encoding::split(std::string_view text) const {
    const auto* const begin = reinterpret_cast<Bytes>(text.data());
    const split::BlockSplitter split_block =
        with_scanner(pattern_, []<class Splitter>() { return split::splitter_for<Splitter>(cpu::best_level()); });
    std::vector<std::uint32_t> ends;
    Bytes starts[split::kStarts + 1];
    for (Bytes p = begin; p < begin + text.size();) {
        const std::size_t filled = split_block(p, begin + text.size(), starts);
        for (std::size_t i = 1; i <= filled; ++i) ends.push_back(static_cast<std::uint32_t>(starts[i] - begin));
    }
    return ends;
}

std::size_t Encoding::split_first(std::string_view text) const {
    const auto* const p = reinterpret_cast<Bytes>(text.data());
    const Bytes end = p + text.size();
    const Bytes next = with_scanner(pattern_, [&]<class Splitter>() { return Splitter::next(p, end); });
    return static_cast<std::size_t>(next - p);
}

std::vector<std::uint32_t> Encoding::count_pretokens(std::string_view text) const {
    Loan workspace(*this);
    PretokenSink sink;
    scan(pattern_, *workspace, text, sink);
    return sink.take();
}

std::vector<TokenId> Encoding::merge(std::string_view piece) const {
    Loan workspace(*this);
    return ids_of((*workspace).merger.merge(reinterpret_cast<Bytes>(piece.data()), piece.size(), 1));
}

TokenId Encoding::token(std::string_view bytes) const {
    for (const auto& [id, text] : specials_.texts()) {
        if (text == bytes) return id;
    }
    if (bytes.empty()) return kNoToken;
    Loan workspace(*this);
    const auto* const p = reinterpret_cast<Bytes>(bytes.data());
    const TokenId rank = (*workspace).pieces.token(p, bytes.size(), p + bytes.size());
    return rank == kNoToken || ids_.empty() ? rank : ids_[rank];
}

std::string_view Encoding::text(TokenId id) const {
    const TokenId rank = id < ranks_.size() ? ranks_[id] : kNoToken;
    if (rank != kNoToken) {
        return {reinterpret_cast<const char*>(vocabulary_.text(rank)), vocabulary_.length(rank)};
    }
    const auto special = specials_.texts().find(id);
    if (special == specials_.texts().end()) throw std::invalid_argument(std::to_string(id) + " is no token id");
    return special->second;
}

std::string Encoding::decode(std::span<const TokenId> ids) const {
    std::string bytes;
    bytes.reserve(ids.size() * 4);
    for (const TokenId id : ids) bytes += text(id);
    return bytes;
}

}  // namespace ctxpack::bpe
