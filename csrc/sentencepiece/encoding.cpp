#include "sentencepiece/encoding.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>

#include "sentencepiece/bpe.hpp"
#include "sentencepiece/normalizer.hpp"
#include "sentencepiece/scan.hpp"
#include "sentencepiece/unigram.hpp"

namespace ctxpack::sentencepiece {
namespace {

template <class Segmenter>
class SegmentingTokenizer final : public Tokenizer {
public:
    SegmentingTokenizer(const ModelData& data, const Pieces& pieces, cpu::Level level)
        : normalizer_(data, pieces, level),
          splitter_(pieces.segments(), level),
          shared_(pieces),
          unknown_(unknown(pieces)) {}

    std::size_t count(std::string_view text) const override {
        CountSink sink(unknown_);
        scan(text, sink);
        return sink.total();
    }

    std::vector<TokenId> encode(std::string_view text) const override {
        std::vector<TokenId> ids;
        ids.reserve(text.size() / 4);  // a usual number of bytes a token
        IdSink sink(unknown_, ids);
        scan(text, sink);
        return ids;
    }

private:
    using Space = Workspace<Segmenter>;

    static TokenId unknown(const Pieces& pieces) { return pieces.byte_fallback() ? kNoToken : pieces.unknown_id(); }

    template <class Sink>
    void scan(std::string_view text, Sink& sink) const {
        std::unique_ptr<Space> space = borrow();
        normalizer_.normalise(text, space->text);
        const Bytes begin = space->text.data() + kPadding;
        const Bytes end = space->text.data() + space->text.size() - kPadding;
        Scan<Segmenter, Sink> words(splitter_, *space, sink);
        if (Segmenter::splits(shared_)) {
            words.run(begin, end);
        } else if (begin != end) {
            words.run_whole(begin, end);
        }
        give_back(std::move(space));
    }

    std::unique_ptr<Space> borrow() const {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                auto space = std::move(idle_.back());
                idle_.pop_back();
                return space;
            }
        }
        return std::make_unique<Space>(shared_);
    }

    void give_back(std::unique_ptr<Space> space) const {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(space));
    }

    Normalizer normalizer_;
    Splitter splitter_;
    typename Segmenter::Shared shared_;
    TokenId unknown_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<Space>> idle_;
};

std::unique_ptr<const Tokenizer> tokenizer(const ModelData& data, const Pieces& pieces, cpu::Level level) {
    if (data.type == ModelType::bpe) return std::make_unique<SegmentingTokenizer<Bpe>>(data, pieces, level);
    return std::make_unique<SegmentingTokenizer<Unigram>>(data, pieces, level);
}

}  // namespace

Encoding::Encoding(const ModelData& data, cpu::Level level)
    : pieces_(data), decoder_(data, pieces_), tokenizer_(tokenizer(data, pieces_, level)) {}

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

}  // namespace ctxpack::sentencepiece
