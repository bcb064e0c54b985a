// Texts brought to an encoding's normal form.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "encoding/callback.hpp"

namespace ctxpack {

// Brings each line of a text to NFC. Called from any thread.
using Normalize = std::function<std::string(std::string_view)>;

// The same as a function of another language: it gets what it belongs to, writes the text and returns -1 where it
// failed. What it belongs to must outlive the Normalize.
using NormalizeFunction = int (*)(void* owner, std::string_view text, std::string* normal);

inline Normalize normalize_by(NormalizeFunction function, void* owner) {
    return [=](std::string_view text) {
        std::string normal;
        const int done = call_outside([&] { return function(owner, text, &normal); });
        if (done < 0) throw std::runtime_error("a text could not be normalized");
        return normal;
    };
}

// Valid UTF-8 in normal form: the text itself where it is that already, else what `held` has then. `normalize` is
// called once, with the parts that may be in another form, or not at all. O(bytes), but for what normalizing those
// costs.
std::string_view normal_form(const Normalize& normalize, std::string_view text, std::string& held);

}  // namespace ctxpack
