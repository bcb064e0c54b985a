// A short text that splits as a long one does, whatever is appended to both.
//
// How a pretoken goes on depends on how it begins and ends and on which classes of characters it has, in which order:
// the first lower-case letter, the last caseless one, the first and the last newline. So characters inside a long
// pretoken can be left out, but for the first and the last of each class and those at both ends.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctxpack::bpe {

class Sketch {
public:
    std::string_view text() const { return text_; }
    void append(std::string_view text) { text_ += text; }
    // The byte of the long text that a pretoken boundary of the sketch stands for.
    std::size_t place(std::size_t boundary) const;
    // Forgets what is before a boundary; places are counted from there on.
    void drop(std::size_t boundary);
    // Leaves characters out of the long ones among the pretokens that end at `ends`. O(bytes of the sketch).
    void shorten(std::span<const std::uint32_t> ends);

private:
    struct Gap {
        std::size_t at;    // in the sketch
        std::size_t size;  // bytes left out
    };

    // The bytes from `begin` to `end` that stay.
    std::vector<bool> kept(std::size_t begin, std::size_t end) const;

    std::string text_;
    std::vector<Gap> gaps_;
};

}  // namespace ctxpack::bpe
