#include "bpe/encoding.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "bpe/counter.hpp"
#include "bpe/offsets.hpp"
#include "bpe/pretoken_sink.hpp"
#include "bpe/scan_text.hpp"
#include "bpe/truncate.hpp"
#include "encoding/recount.hpp"

namespace ctxpack::bpe {
namespace {

template <class Sink>
void add_pretoken(Workspace& workspace, Bytes p, Bytes next, Bytes end, Sink& sink) {
    const auto size = static_cast<std::size_t>(next - p);
    const TokenId id = workspace.tables.token(p, size, end);
    if (id != kNoToken) return sink.add(Tokens{1, &id});
    const std::vector<TokenId>& ids = workspace.merger.merge(p, size, 1);
    sink.add(Tokens{ids.size(), ids.data()});
}

// A gap between pretokens: only a sink that counts the tokens of each pretoken need hear of it.
template <class Sink>
void add_skipped(Sink&) {}
void add_skipped(PretokenSink& sink) { sink.add(Tokens{0, nullptr}); }

// Pretokens that were found elsewhere.
template <class Sink>
void scan_external(Workspace& workspace, std::string_view text, std::span<const std::uint64_t> ends, Sink& sink) {
    Bytes p = bytes(text);
    const Bytes begin = p, end = p + text.size();
    for (const std::uint64_t stop : ends) {
        const std::uint64_t at = stop & ~kSkipped;
        if (at > text.size() || begin + at <= p) throw std::invalid_argument("pretokens are out of order");
        const Bytes next = begin + at;
        if (stop == at) {
            add_pretoken(workspace, p, next, end, sink);
        } else {
            add_skipped(sink);
        }
        p = next;
    }
}

}  // namespace

class Encoding::Loan : public ctxpack::Loan<Workspace> {
public:
    explicit Loan(const Encoding& owner) : ctxpack::Loan<Workspace>(owner.idle_, [&] { return owner.workspace(); }) {}
};

Encoding::Encoding(const VocabularyData& data, std::span<const IdRun> runs, std::span<const Special> specials,
                   Pattern pattern, Split external, Normalize normalize, bool normalizes_first)
    : ctxpack::Encoding(specials, std::move(normalize), normalizes_first),
      vocabulary_(data),
      merges_(vocabulary_, data),
      ids_(runs, vocabulary_.size()),
      pattern_(pattern),
      external_(std::move(external)) {
    if (!scans() && !external_) throw std::invalid_argument("nothing finds the pretokens");
    check_bytes();
    check_specials();
    idle_.give(workspace());
}

Encoding::~Encoding() = default;

void Encoding::check_bytes() const {
    for (TokenId rank = 0; rank < Vocabulary::kBytes; ++rank) {
        if (ids_.id(rank) == kNoToken && !unicode::is_in_no_text(vocabulary_.text(rank)[0]))
            throw std::invalid_argument("a byte has no token");
    }
}

void Encoding::check_specials() const {
    for (const auto& [id, text] : specials().texts()) {
        if (id > kLastId) throw std::invalid_argument("an id is too large");
        if (ids_.rank(id) != kNoToken) throw std::invalid_argument("two tokens have one id");
    }
}

std::size_t Encoding::n_vocab() const {
    const auto& texts = specials().texts();
    return texts.empty() ? ids_.size() : std::max<std::size_t>(ids_.size(), texts.rbegin()->first + 1);
}

std::unique_ptr<Workspace> Encoding::workspace() const {
    return std::make_unique<Workspace>(vocabulary_, merges_, ids_);
}

template <class Sink>
void Encoding::scan(Workspace& workspace, std::string_view text, Sink& sink) const {
    if (Sink::kWantsIds || !scans()) workspace.tables.want_ids(vocabulary_, ids_);
    if (!scans()) return scan_external(workspace, text, external_(text), sink);
    scan_text(pattern_, workspace, text, sink);
}

std::size_t Encoding::count(std::string_view text) const {
    Loan workspace(*this);
    CountSink sink((*workspace).stretches);
    scan(*workspace, text, sink);
    return sink.total();
}

std::vector<TokenId> Encoding::encode(std::string_view text) const {
    Loan workspace(*this);
    IdSink sink((*workspace).ids);
    scan(*workspace, text, sink);
    return sink.take();
}

std::vector<std::uint32_t> Encoding::split(std::string_view text) const {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("4 GB of text with no place to cut it");
    }
    if (!scans()) {
        const std::vector<std::uint64_t> found = external_(text);
        std::vector<std::uint32_t> ends(found.size());
        std::ranges::transform(found, ends.begin(),
                               [](std::uint64_t end) { return static_cast<std::uint32_t>(end & ~kSkipped); });
        return ends;
    }
    const Bytes begin = bytes(text);
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
    const Bytes p = bytes(text);
    const Bytes end = p + text.size();
    const Bytes next = with_scanner(pattern_, [&]<class Splitter>() { return Splitter::next(p, end); });
    return static_cast<std::size_t>(next - p);
}

std::vector<std::uint32_t> Encoding::count_pretokens(std::string_view text) const {
    Loan workspace(*this);
    PretokenSink sink;
    scan(*workspace, text, sink);
    return sink.take();
}

std::vector<TokenId> Encoding::merge(std::string_view pretoken) const {
    Loan workspace(*this);
    return (*workspace).merger.merge(bytes(pretoken), pretoken.size(), 1);
}

TokenId Encoding::token(std::string_view spelling) const {
    const auto special = specials().ids().find(std::string(spelling));
    if (special != specials().ids().end()) return special->second;
    if (spelling.empty()) return unreached_token(spelling);
    Loan workspace(*this);
    (*workspace).tables.want_ids(vocabulary_, ids_);
    const Bytes p = bytes(spelling);
    const TokenId found = (*workspace).tables.token(p, spelling.size(), p + spelling.size());
    return found != kNoToken ? found : unreached_token(spelling);
}

// Tokens that no text becomes are in no table.
TokenId Encoding::unreached_token(std::string_view spelling) const {
    for (TokenId rank = 0; rank < vocabulary_.size(); ++rank) {
        if (view(vocabulary_.text(rank), vocabulary_.length(rank)) == spelling) return ids_.id(rank);
    }
    return kNoToken;
}

std::string_view Encoding::text(TokenId id) const {
    const TokenId rank = ids_.rank(id);
    if (rank != kNoToken) {
        return {reinterpret_cast<const char*>(vocabulary_.text(rank)), vocabulary_.length(rank)};
    }
    const auto special = specials().texts().find(id);
    if (special == specials().texts().end()) throw std::invalid_argument(std::to_string(id) + " is not a token id");
    return special->second;
}

std::string Encoding::decode(std::span<const TokenId> ids) const {
    std::string bytes;
    bytes.reserve(ids.size() * 4);
    for (const TokenId id : ids) bytes += text(id);
    return bytes;
}

std::unique_ptr<ctxpack::Offsets> Encoding::offsets(std::string_view text) const {
    if (scans()) return std::make_unique<Offsets>(*this, text);
    return std::make_unique<RecountedOffsets>(*this, text);
}

std::unique_ptr<ctxpack::Counter> Encoding::counter() const {
    if (scans()) return std::make_unique<Counter>(*this);
    return std::make_unique<RecountedCounter>(*this);
}

std::size_t Encoding::fit_head(std::string_view text, std::size_t tokens) const {
    return bpe::fit_head(*this, text, tokens);
}

std::size_t Encoding::fit_tail(std::string_view text, std::size_t tokens) const {
    return bpe::fit_tail(*this, text, tokens);
}

}  // namespace ctxpack::bpe
