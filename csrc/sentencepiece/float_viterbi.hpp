// The reference's own search for the best way, from one end of a text to the other, in its 32-bit floats.
#pragma once

#include <algorithm>
#include <vector>

#include "sentencepiece/scores.hpp"

namespace ctxpack::sentencepiece {

// A node is the best way to the end of a character: `sum`, and what else is wanted of it.
template <class Node>
struct FloatViterbi {
    std::vector<Node> nodes;   // by the byte, the start of the text first
    std::size_t frontier = 0;  // the last that is reached

    // Goes on from the character at a byte of the text, to which no better way can come. make(sum, bytes, id) makes the
    // node that a token leads to; kNoToken stands for an unknown character.
    template <class Make>
    void step(const Scores& scores, Bytes p, std::size_t size, std::size_t at, Make make) {
        float sum = nodes[at].sum;
        if (sum < -kLargestSum || sum > kLargestSum) sum = subtract_sum(at);
        scores.visit(p + at, p + size, [&](std::size_t bytes, TokenId id, float score) {
            frontier = std::max(frontier, at + bytes);
            const float reached = score + sum;
            Node& node = nodes[at + bytes];
            if (!node.is_reached() || reached > node.sum) node = make(reached, bytes, id);
        });
    }
    // Drops what is before a byte, when all of that was gone on from, and its memory.
    void forget(std::size_t at) {
        nodes = std::vector<Node>(nodes.begin() + static_cast<std::ptrdiff_t>(at), nodes.end());
        frontier -= at;
    }

private:
    // Takes the sum at a place away from there on; returns what is left.
    float subtract_sum(std::size_t at) {
        const float sum = nodes[at].sum;
        for (std::size_t i = at + 1; i <= frontier; ++i) nodes[i].sum -= sum;
        return 0;
    }
};

}  // namespace ctxpack::sentencepiece
