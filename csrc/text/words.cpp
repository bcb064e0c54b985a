#include "text/words.hpp"

#include "text/fold.hpp"
#include "unicode/classes.hpp"
#include "unicode/utf8.hpp"

namespace ctxpack::text {
namespace {

using unicode::Class;

constexpr auto kWordClasses = unicode::kLetters | unicode::kMarks | unicode::kNumbers;
// A word that starts with one of these may be a name.
constexpr auto kNameClasses = unicode::set_of(Class::upper) | unicode::kCaseless | unicode::kNumbers;

// A hash that takes one character after the other (FNV-1a over code points, and a final mix).
class TermHash {
public:
    void add(std::uint32_t point) { state_ = (state_ ^ point) * 0x100000001B3u; }

    std::uint64_t value() const {
        std::uint64_t mixed = state_ ^ state_ >> 32;
        mixed *= 0xD6E8FEB86659FD93u;
        return mixed ^ mixed >> 32;
    }

private:
    std::uint64_t state_ = 0xCBF29CE484222325u;
};

// The word being read. The last three letters wait, since a plural ending may turn out to be among them.
class Pending {
public:
    void add(std::uint32_t point) {
        if (letters_ >= 3) hash_.add(held_[letters_ % 3]);
        held_[letters_++ % 3] = point;
    }

    // The term of the word: "ies" as "y", and no "s" behind anything but "s", "u" or "i".
    std::uint64_t term() const {
        TermHash hash = hash_;
        const std::size_t kept = letters_ < 3 ? letters_ : 3;
        const auto last = [&](std::size_t back) { return held_[(letters_ - back) % 3]; };
        if (letters_ > 4 && last(1) == 's' && last(2) == 'e' && last(3) == 'i') {
            hash.add('y');
            return hash.value();
        }
        const bool plural = letters_ > 3 && last(1) == 's' && last(2) != 's' && last(2) != 'u' && last(2) != 'i';
        for (std::size_t back = kept; back > (plural ? 1 : 0); --back) hash.add(last(back));
        return hash.value();
    }

    bool empty() const { return letters_ == 0; }

private:
    TermHash hash_;
    std::uint32_t held_[3] = {};
    std::size_t letters_ = 0;
};

class WordReader {
public:
    explicit WordReader(std::vector<Word>& words) : words_(words) {}

    void letter(std::uint32_t point, Class kind) {
        if (word_.empty()) name_ = unicode::in(kind, kNameClasses);
        number_ |= unicode::in(kind, unicode::kNumbers);
        const std::uint32_t folded = fold_case(point);
        word_.add(folded);
        whole_.add(folded);
    }

    // A character of a script without spaces: it makes a pair with the one before it, or a word of its own at the end.
    void unspaced(std::uint32_t point) {
        end_word();
        if (last_ != 0) add_pair(last_, point);
        alone_ = last_ == 0;
        last_ = point;
    }

    // A sign that joins two parts.
    void joiner(char sign) {
        end_word();
        end_pairs();
        whole_.add(static_cast<std::uint32_t>(sign));
        identifier_ |= sign != '-';
    }

    void end() {
        end_word();
        end_pairs();
        if (parts_ > 1 && (identifier_ || numbered_)) words_.push_back({whole_.value(), false, true, numbered_});
        whole_ = TermHash();
        parts_ = 0;
        identifier_ = numbered_ = false;
    }

private:
    void end_word() {
        if (word_.empty()) return;
        end_pairs();
        words_.push_back({word_.term(), first_, name_, number_});
        ++parts_;
        numbered_ |= number_;
        word_ = Pending();
        first_ = number_ = false;
    }

    void add_pair(std::uint32_t one, std::uint32_t other) {
        TermHash hash;
        hash.add(one);
        if (other != 0) hash.add(other);
        words_.push_back({hash.value(), false, true, false});
        first_ = false;
    }

    void end_pairs() {
        if (alone_) add_pair(last_, 0);
        last_ = 0;
        alone_ = false;
    }

    std::vector<Word>& words_;
    Pending word_;
    TermHash whole_;
    std::uint32_t last_ = 0;
    std::size_t parts_ = 0;
    bool alone_ = false;
    bool first_ = true;
    bool name_ = false;
    bool number_ = false;
    bool identifier_ = false;
    bool numbered_ = false;
};

constexpr bool is_joiner(std::uint32_t point) {
    return point == '-' || point == '_' || point == '.' || point == '/' || point == ':' || point == '@';
}

bool is_word(std::uint32_t point) { return unicode::in(unicode::class_of(point), kWordClasses); }

}  // namespace

void append_words(std::string_view text, std::vector<Word>& words) {
    Bytes p = bytes(text);
    const Bytes end = p + text.size();
    WordReader reader(words);
    bool inside = false;  // the character before was one of a word
    while (p < end) {
        const auto [point, length] = unicode::decode(p);
        p += length;
        const Class kind = unicode::class_of(point);
        if (unicode::in(kind, kWordClasses)) {
            if (is_unspaced(point)) {
                reader.unspaced(point);
            } else {
                reader.letter(point, kind);
            }
            inside = true;
        } else if (inside && is_joiner(point) && p < end && is_word(unicode::decode(p).point)) {
            reader.joiner(static_cast<char>(point));
            inside = false;
        } else {
            reader.end();
            inside = false;
        }
    }
    reader.end();
}

}  // namespace ctxpack::text
