#include "sentencepiece/neighbours.hpp"

#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {

Neighbours::Neighbours(const Pieces::Keys& pieces, bool with_triples) {
    pairs_.allocate();
    if (with_triples) triples_.allocate();
    std::vector<std::uint32_t> points;
    for (const auto& piece : pieces) {
        const Bytes p = bytes(piece.first);
        points.clear();
        for (std::size_t at = 0; at < piece.first.size(); at += unicode::sequence_length(p[at])) {
            points.push_back(unicode::decode(p + at).point);
        }
        const std::size_t size = points.size();
        for (std::size_t i = 1; i < size; ++i)
            pairs_.add(pair(points[i - 1], points[i]), size == 2 ? kIsPair : kInLonger);
        for (std::size_t i = 2; i < size && with_triples; ++i) {
            const unsigned flags = size == 3 ? kIsTriple : i == 2 ? kBegins : i + 1 == size ? kEnds : kWithin;
            triples_.add(triple(points[i - 2], points[i - 1], points[i]), flags);
        }
    }
}

}  // namespace ctxpack::sentencepiece
