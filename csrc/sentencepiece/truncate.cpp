#include "sentencepiece/truncate.hpp"

#include <algorithm>

#include "unicode/characters.hpp"

namespace ctxpack::sentencepiece {
namespace {

// Bytes between the seams that are looked at first, before every one is.
constexpr std::size_t kStep = 64;
// Among more bytes than these not every place is tried.
constexpr std::size_t kTried = 512;
// Fewer are not worth halving.
constexpr std::size_t kFew = 16;

// The most bytes that may be kept: `good` may, `bad` and more may not. `whole` makes a number of bytes one of whole
// characters, and `fits` says whether that may be kept.
template <class Whole, class Fits>
std::size_t most(std::size_t good, std::size_t bad, Whole whole, Fits fits) {
    if (bad - good > kTried) {
        if (const std::size_t all = whole(bad - 1); fits(all)) return all;
        const auto narrow = [&](std::size_t size) { (fits(size) ? good : bad) = size; };
        for (std::size_t step = kTried; good + step < bad; step *= 2) narrow(whole(good + step));
        while (bad - good > kFew) narrow(whole(good + (bad - good) / 2));
    }
    for (std::size_t size = whole(bad - 1); size > good; size = whole(size - 1)) {
        if (fits(size)) return size;
    }
    return good;
}

class Head {
public:
    Head(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens)
        : tokenizer_(tokenizer), text_(text), tokens_(tokens) {}

    std::size_t find() {
        std::size_t over = 0;
        for (const std::size_t step : {kStep, std::size_t{1}}) over = walk(step);
        const auto good = std::find_if(marks_.rbegin(), marks_.rend(), [&](const Mark& mark) { return fits(mark.at); });
        return most(
            good->at, over + 1, [&](std::size_t size) { return unicode::floor_boundary(text_, size); },
            [&](std::size_t size) { return fits(size); });
    }

private:
    struct Mark {
        std::size_t at;
        Progress before;
    };

    // Marks seams as long as what is before them has not too many tokens, whatever follows. Returns the first that has,
    // or the end of the text: nothing beyond that fits.
    std::size_t walk(std::size_t step) {
        for (;;) {
            const std::size_t from = marks_.back().at;
            Mark next{tokenizer_.seams().next(text_, from + step), marks_.back().before};
            if (next.at == text_.size()) return next.at;
            tokenizer_.advance(next.before, text_.substr(from, next.at - from), false);
            if (next.before.tally.tokens > tokens_) return next.at;
            marks_.push_back(next);
        }
    }

    bool fits(std::size_t size) const {
        const auto ends = [](const Mark& mark, std::size_t end) { return mark.at < end; };
        const auto after = std::lower_bound(marks_.begin() + 1, marks_.end(), size, ends);
        const auto [at, before] = after[-1];
        Progress progress = before;
        tokenizer_.advance(progress, text_.substr(at, size - at), true);
        return progress.tally.tokens <= tokens_;
    }

    const Tokenizer& tokenizer_;
    std::string_view text_;
    std::size_t tokens_;
    std::vector<Mark> marks_{{0, {}}};
};

class Tail {
public:
    Tail(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens)
        : tokenizer_(tokenizer), text_(text), tokens_(tokens), marks_{{text.size(), {}}} {}

    std::size_t find() {
        std::size_t over = 0;
        for (const std::size_t step : {kStep, std::size_t{1}}) over = walk(step);
        // Blanks before a seam come to nothing at the start of a text, so that it may fit; not so two parts.
        for (int i = 0; i < 2; ++i) over = seam_before(over, 1);
        const auto good = std::find_if(marks_.rbegin(), marks_.rend(), [&](const Mark& mark) { return fits(mark.at); });
        const std::size_t size = text_.size();
        return size - most(
                          size - good->at, size - over + 1,
                          [&](std::size_t kept) { return size - unicode::ceil_boundary(text_, size - kept); },
                          [&](std::size_t kept) { return fits(size - kept); });
    }

private:
    struct Mark {
        std::size_t at;
        PartCount after;
    };

    std::size_t seam_before(std::size_t at, std::size_t step) const {
        return tokenizer_.seams().previous(text_, at - std::min(at, step), 0);
    }

    // Marks seams as long as what is after them has not too many tokens, whatever is before it. Returns the last that
    // has, or the start of the text.
    std::size_t walk(std::size_t step) {
        for (;;) {
            const auto [end, after] = marks_.back();
            const std::size_t at = seam_before(end, step);
            if (at == 0) return 0;
            PartCount part = tokenizer_.count_part(text_.substr(at, end - at), {false, end == text_.size()});
            part.append(after);
            // Where rounding decides, the sum before may make it fewer.
            if (part.tally.tokens > tokens_ && !part.holds()) part.tally.tokens = tokenizer_.count(text_.substr(at));
            if (part.tally.tokens > tokens_) return at;
            marks_.push_back({at, part});
        }
    }

    bool fits(std::size_t begin) const {
        const auto starts = [](const Mark& mark, std::size_t at) { return mark.at > at; };
        auto mark = std::lower_bound(marks_.begin() + 1, marks_.end(), begin, starts) - 1;
        PartCount whole;
        for (;; --mark) {
            whole = tokenizer_.count_part(text_.substr(begin, mark->at - begin), {true, mark == marks_.begin()});
            if (whole.tally.tokens > 0 || mark == marks_.begin()) break;
        }
        whole.append(mark->after);
        return (whole.holds() ? whole.tally.tokens : tokenizer_.count(text_.substr(begin))) <= tokens_;
    }

    const Tokenizer& tokenizer_;
    std::string_view text_;
    std::size_t tokens_;
    std::vector<Mark> marks_;
};

}  // namespace

std::size_t fit_head(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens) {
    return Head(tokenizer, text, tokens).find();
}

std::size_t fit_tail(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens) {
    return Tail(tokenizer, text, tokens).find();
}

}  // namespace ctxpack::sentencepiece
