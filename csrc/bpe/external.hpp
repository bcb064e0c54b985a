// Split patterns that are run elsewhere.
#pragma once

#include <functional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "encoding/callback.hpp"
#include "encoding/types.hpp"

namespace ctxpack::bpe {

// Set in the end of a gap between pretokens: it has no tokens.
inline constexpr std::uint64_t kSkipped = std::uint64_t{1} << 63;

// Finds where the pretokens of a text end, in bytes.
using Split = std::function<std::vector<std::uint64_t>(std::string_view)>;

// A Split as a function of another language: it gets what it belongs to, appends the ends and returns -1 where it
// failed. It is called on whichever thread counts, and what it belongs to must outlive the Split.
using SplitFunction = int (*)(void* owner, std::string_view text, std::vector<std::uint64_t>* ends);

inline Split split_by(SplitFunction function, void* owner) {
    return [=](std::string_view text) {
        std::vector<std::uint64_t> ends;
        const int done = call_outside([&] { return function(owner, text, &ends); });
        if (done < 0) throw std::runtime_error("the pretokens of a text could not be found");
        return ends;
    };
}

}  // namespace ctxpack::bpe
