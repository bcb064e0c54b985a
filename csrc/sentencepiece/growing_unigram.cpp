#include "sentencepiece/growing_unigram.hpp"

namespace ctxpack::sentencepiece {

GrowingUnigram::GrowingUnigram(const Scores& scores, const Progress& before) : scores_(scores) {
    viterbi_.nodes = {{before.sum, true, before.tally}};
}

// A character is done with when so many bytes stand after it that no piece from it can get longer.
void GrowingUnigram::append(std::string_view text) {
    add(text);
    if (text_.size() < scores_.longest_piece()) return;
    const std::size_t at = walk(text_.size() - scores_.longest_piece() + 1);
    text_ = text_.substr(at);
    viterbi_.forget(at);
}

std::size_t GrowingUnigram::count_with(std::string_view rest) {
    GrowingUnigram whole(*this);
    whole.add(rest);
    whole.walk(whole.text_.size());
    return whole.viterbi_.nodes.back().tally.tokens;
}

void GrowingUnigram::add(std::string_view text) {
    text_ += text;
    viterbi_.nodes.resize(text_.size() + 1, {0, false, {}});
}

// Goes on from all characters before a byte; returns where the next one is.
std::size_t GrowingUnigram::walk(std::size_t end) {
    const Bytes p = bytes(text_);
    std::size_t at = 0;
    for (; at < end; at += unicode::sequence_length(p[at])) {
        const Tally before = viterbi_.nodes[at].tally;
        viterbi_.step(scores_, p, text_.size(), at, [&](float sum, std::size_t size, TokenId id) {
            const bool is_piece = id != kNoToken;
            return Node{sum, true,
                        is_piece ? before.with_piece() : before.with_unknown(scores_.pieces(), p + at, size)};
        });
    }
    return at;
}

}  // namespace ctxpack::sentencepiece
