// A normalizer, a splitter and a segmenter (Bpe or Unigram) put together.
//
// A segmenter is scratch space of one thread. It says:
//
//   Shared    what it reads, the same for all threads: made by shared(pieces); is_cuttable() says whether words may be
//             taken out of their text
//   kOrdered  whether a word's tokens depend on the words before it, by a sum that begin() sets
//   Sum       that sum, with what adds known words to it: a loop over words takes a copy, sum(), and gives it back by
//             set_sum()
//   Note      what the table of short words keeps beside a word's tokens: note(tokens), and limit(slot) as in Tokens
//   Worth     what a word adds to a count, where it has one: has_worth(slot), worth(slot), worth(tokens);
//             is_unknown() tells that of the unknown piece, if tells_unknown(); add(worths) adds words, or nothing
//             where some tokens might not hold, add(worth, p, size) the word at p
//   Growing   a word that gets longer, made of Shared and the Progress before it
//   Range     how words in a row depend on the sum before it, and what they add
//
// segment() finds the tokens of a word and up to which sum they hold. Where they hold here, accept() adds them to the
// sum; else segment_here() finds and adds those that do. release() gives back what long words took. Where kOrdered,
// unknowns() and further_tokens() say what characters add that were left out between words.
#pragma once

#include <memory>

#include "encoding/idle.hpp"
#include "sentencepiece/bpe.hpp"
#include "sentencepiece/growing_bpe.hpp"
#include "sentencepiece/growing_unigram.hpp"
#include "sentencepiece/normalizer.hpp"
#include "sentencepiece/part_scan.hpp"
#include "sentencepiece/scan.hpp"
#include "sentencepiece/sinks.hpp"
#include "sentencepiece/stretches.hpp"
#include "sentencepiece/token_count_viterbi.hpp"
#include "sentencepiece/tokenizer.hpp"
#include "sentencepiece/unigram.hpp"

namespace ctxpack::sentencepiece {

template <class Segmenter>
class SegmentingTokenizer final : public Tokenizer {
public:
    SegmentingTokenizer(const ModelData& data, const Pieces& pieces)
        : normalizer_(data, pieces),
          splitter_(pieces.segments()),
          shared_(Segmenter::shared(pieces)),
          unknown_(pieces.byte_fallback() ? kNoToken : pieces.unknown_id()),
          seams_(normalizer_, splitter_, Segmenter::is_cuttable(shared_)) {}

    std::size_t count(std::string_view text) const override {
        const Loan<Space> space = borrow();
        Progress progress;
        for (std::size_t at = 0, next; at < text.size(); at = next) {
            next = stretch_end(seams_, text, at);
            recall(*space, progress, text.substr(at, next - at), next == text.size());
        }
        return progress.tally.tokens;
    }

    std::vector<TokenId> encode(std::string_view text) const override {
        std::vector<TokenId> ids(text.size() / 3);  // a usual number of bytes a token, mostly no fewer
        IdSink sink(unknown_, ids);
        scan_alone(text, {}, sink);
        ids.resize(sink.total());
        return ids;
    }

    const Seams& seams() const override { return seams_; }

    const Normalizer& normalizer() const override { return normalizer_; }

    std::unique_ptr<GrowingWord> growing_word(const Progress& progress) const override {
        return std::make_unique<typename Segmenter::Growing>(shared_, progress);
    }

    // What has no tokens came to nothing, so that the text still starts.
    void advance(Progress& progress, std::string_view text, bool last) const override {
        const Loan<Space> space = borrow();
        advance(*space, progress, text, last);
    }

    PartCount count_part(std::string_view text, Edges edges) const override {
        PartSink<Segmenter> sink(unknown_, shared_);
        scan_alone(text, edges, sink);
        const PartCount found = sink.count();
        if constexpr (Segmenter::kOrdered) {
            if (found.limit < kDoubtful) return counted_by_viterbi(text, edges);
        }
        return found;
    }

private:
    using Space = Workspace<Segmenter>;

    // From a sum of scores above this on, rounding may decide in few words.
    static constexpr double kDoubtful = 90'000;

    // The part where it need only be known how many tokens the words have.
    PartCount counted_by_viterbi(std::string_view text, Edges edges) const {
        std::vector<std::uint8_t> normalized;
        normalizer_.normalize(text, edges, normalized);
        const Bytes end = normalized.data() + normalized.size() - kPadding;
        TokenCountViterbi viterbi(shared_);
        PartCount total;
        for (Bytes p = normalized.data() + kPadding, next; p < end; p = next) {
            next = p + unicode::sequence_length(*p);
            while (next < end && !splitter_.starts_word(next)) next += unicode::sequence_length(*next);
            total.append(viterbi.count(p, static_cast<std::size_t>(next - p)));
        }
        return total;
    }

    Loan<Space> borrow() const {
        return {idle_, [this] { return std::make_unique<Space>(shared_); }};
    }

    // Advances, as fast as it can be told that the stretch was met before.
    void recall(Space& space, Progress& progress, std::string_view text, bool last) const {
        if (text.size() < kShortestTagged || text.size() > kLongestTagged) return advance(space, progress, text, last);
        const StretchTag tag = stretch_tag(text);
        const CountedStretch* const known = space.stretches.find(tag);
        if (known != nullptr && known->fits(progress, last)) {
            progress = known->applied_to(progress);
            return;
        }
        const Progress before = progress;
        advance(space, progress, text, last);
        space.stretches.add(tag, {before, progress, last});
    }

    void advance(Space& space, Progress& progress, std::string_view text, bool last) const {
        Tally& tally = progress.tally;
        CountSink sink(unknown_, tally.ends_unknown);
        progress.sum = scan(space, text, {tally.tokens == 0, last}, progress.sum, sink);
        tally.tokens += sink.total();
        tally.ends_unknown = sink.ends_unknown();
    }

    template <class Sink>
    void scan_alone(std::string_view text, Edges edges, Sink& sink) const {
        const Loan<Space> space = borrow();
        scan(*space, text, edges, 0, sink);
    }

    // Returns the sum of scores after the text, from the one before it.
    template <class Sink>
    float scan(Space& space, std::string_view text, Edges edges, float sum, Sink& sink) const {
        normalizer_.normalize(text, edges, space.text);
        const Bytes begin = space.text.data() + kPadding;
        const Bytes end = space.text.data() + space.text.size() - kPadding;
        space.segmenter.begin(sum);
        if (Segmenter::is_cuttable(shared_)) {
            scan_parts(begin, end, space, sink);
        } else if (begin != end) {
            sink.add(space.segmenter.segment_here(begin, static_cast<std::size_t>(end - begin)));
        }
        return space.segmenter.sum().value;
    }

    // With AVX-512 a unigram model counts some parts without words.
    template <class Sink>
    void scan_parts(Bytes begin, Bytes end, Space& space, Sink& sink) const {
#if defined(CTXPACK_X86_VECTORS)
        if constexpr (Segmenter::kOrdered && !Sink::kWantsWords) {
            if (cpu::best_level() == cpu::Level::avx512) {
                const auto by_words = [&](Bytes p, Bytes q) { scan_words(p, q, space, sink); };
                return PartScan(shared_, splitter_, space.segmenter, sink, by_words).run(begin, end);
            }
        }
#endif
        scan_words(begin, end, space, sink);
    }

    // All ways come to the same. With pieces for bytes it is known how many tokens a lone character is; without,
    // unknown ones in a row are one token. A model of scores needs those of all characters, in order.
    template <class Sink>
    void scan_words(Bytes begin, Bytes end, Space& space, Sink& sink) const {
        if constexpr (Sink::kTakesCounts && !Segmenter::kOrdered) {
            if (splitter_.can_skip() && unknown_ == kNoToken) {
                return Scan<Segmenter, Sink, WordsSkippingLone>(splitter_, space, sink).run(begin, end);
            }
        }
        if constexpr (!Sink::kWantsAll) {
            if (splitter_.can_skip() && (Sink::kTakesCounts || unknown_ != kNoToken)) {
                return Scan<Segmenter, Sink, WordsSkippingUnknown>(splitter_, space, sink).run(begin, end);
            }
        }
        Scan<Segmenter, Sink, AllWords>(splitter_, space, sink).run(begin, end);
    }

    Normalizer normalizer_;
    Splitter splitter_;
    typename Segmenter::Shared shared_;
    TokenId unknown_;
    Seams seams_;
    mutable Idle<Space> idle_;
};

}  // namespace ctxpack::sentencepiece
