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
void scan(Pattern pattern, Workspace& workspace, std::string_view text, Sink& sink) {
    const auto* const p = reinterpret_cast<Bytes>(text.data());
    switch (pattern) {
        case Pattern::o200k:
            return Scan<split::O200k, Sink>(workspace, sink).run(p, p + text.size());
        case Pattern::cl100k:
            return Scan<split::Cl100k, Sink>(workspace, sink).run(p, p + text.size());
    }
}

}  // namespace

Pattern pattern_named(std::string_view name) {
    if (name == "o200k") return Pattern::o200k;
    if (name == "cl100k") return Pattern::cl100k;
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

Encoding::Encoding(const VocabularyData& data, std::span<const std::uint8_t> specials, Pattern pattern)
    : vocabulary_(data), pattern_(pattern), n_vocab_(data.size) {
    read_specials(specials);
    auto pieces = std::make_unique<Pieces>(vocabulary_);
    merges_ = std::make_unique<Merges>(vocabulary_, *pieces, data.left_halves);
    give_back(workspace(std::move(pieces)));
}

Encoding::~Encoding() = default;

void Encoding::read_specials(std::span<const std::uint8_t> specials) {
    constexpr std::size_t kHeader = 5;
    while (!specials.empty()) {
        if (specials.size() < kHeader || specials.size() < kHeader + specials[4]) {
            throw std::invalid_argument("the special tokens are cut short");
        }
        TokenId id;
        std::memcpy(&id, specials.data(), sizeof id);
        const auto text = specials.subspan(kHeader, specials[4]);
        specials_.emplace(id, std::string(text.begin(), text.end()));
        specials = specials.subspan(kHeader + text.size());
        n_vocab_ = std::max<std::size_t>(n_vocab_, id + 1);
    }
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
    return workspace(std::make_unique<Pieces>(vocabulary_));
}

std::unique_ptr<Workspace> Encoding::workspace(std::unique_ptr<Pieces> pieces) const {
    return std::make_unique<Workspace>(Workspace{std::move(pieces), Merger(vocabulary_, *merges_)});
}

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
    std::vector<TokenId> ids;
    ids.reserve(text.size() / 4);  // a usual number of bytes a token
    IdSink sink(ids);
    scan(pattern_, *workspace, text, sink);
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
    if (id < vocabulary_.size()) {
        return {reinterpret_cast<const char*>(vocabulary_.text(id)), vocabulary_.length(id)};
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
