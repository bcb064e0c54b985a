// A count that grows with a text of which the normal form is counted.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "encoding/encoding.hpp"
#include "unicode/nfc.hpp"

namespace ctxpack {

class NormalizingCounter final : public Counter {
public:
    // `normalize` must outlive it; `normal` counts text in normal form.
    NormalizingCounter(const Normalize& normalize, std::unique_ptr<Counter> normal)
        : normalize_(normalize), normal_(std::move(normal)) {}

    // Amortised O(bytes appended), and those of the marks at the end.
    void append(std::string_view text) override {
        open_ += text;
        const std::string settled = open_.substr(0, unicode::last_plain(open_));
        std::string held;
        const std::string_view normal = normal_form(normalize_, settled, held);
        open_.erase(0, settled.size());  // first: what throws may have taken the text
        normal_->append(normal);
    }
    // O(bytes that are kept).
    std::size_t count() const override {
        if (open_.empty()) return normal_->count();
        const std::unique_ptr<Counter> ended = normal_->copy();
        std::string held;
        ended->append(normal_form(normalize_, open_, held));
        return ended->count();
    }
    // O(bytes that are kept).
    std::unique_ptr<Counter> copy() const override {
        auto other = std::make_unique<NormalizingCounter>(normalize_, normal_->copy());
        other->open_ = open_;
        return other;
    }

private:
    const Normalize& normalize_;
    std::unique_ptr<Counter> normal_;
    // The last plain character and what follows it, which further marks may still normalize otherwise.
    std::string open_;
};

}  // namespace ctxpack
