// Counts of the spans of a text in which special tokens stand for themselves.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "encoding/encoding.hpp"

namespace ctxpack {

class SpecialOffsets final : public Offsets {
public:
    // Of the `wanted` special tokens. The encoding and the text must outlive it. O(bytes).
    SpecialOffsets(const Encoding& encoding, std::string_view text, std::span<const SpecialNumber> wanted);

    // As offsets of what is between special tokens, and O(log(special tokens in the text)); O(bytes of the span) where
    // it starts or ends inside a special token.
    std::size_t count(std::size_t begin, std::size_t end) const override;

private:
    // What is between two special tokens.
    struct Part {
        std::size_t begin, end;
        std::size_t before;                // tokens in front of it
        std::unique_ptr<Offsets> offsets;  // null where it is empty

        std::size_t count(std::size_t from, std::size_t to) const {
            return from == to ? 0 : offsets->count(from - begin, to - begin);
        }
    };

    void add_part(std::size_t begin, std::size_t end, std::size_t before);
    std::size_t part_at(std::size_t byte) const;

    const Encoding& encoding_;
    std::string_view text_;
    std::vector<SpecialNumber> wanted_;
    std::vector<Part> parts_;
};

}  // namespace ctxpack
