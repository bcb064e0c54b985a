#include "sentencepiece/character_trie.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "unicode/utf8.hpp"

namespace ctxpack::sentencepiece {
namespace {

using Node = CharacterTrie::Node;
using Number = CharacterTrie::Number;

constexpr std::uint32_t kMostNumbers = 1 << 15;
constexpr unsigned kBits = 32;  // of a base and a label
constexpr unsigned kMostBaseBits = 20;
constexpr std::uint32_t kAfterAlphabets = 0x3100;  // a point, after kana
constexpr float kLargestScore = 10'000.0F;         // so that no sum of a block is infinite

Node node(float score, std::uint32_t above) {
    return static_cast<Node>(above) << kBits | std::bit_cast<std::uint32_t>(score);
}

std::size_t encoded_length(std::uint32_t point) {
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

// Which bits of some are set.
class Bits {
public:
    explicit Bits(std::size_t size) : words_(size / 64 + 2) {}

    void set(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << i % 64; }
    // 64 of them from one on.
    std::uint64_t from(std::size_t i) const {
        const std::uint64_t low = words_[i / 64] >> i % 64;
        return i % 64 == 0 ? low : low | words_[i / 64 + 1] << (64 - i % 64);
    }

private:
    std::vector<std::uint64_t> words_;
};

}  // namespace

struct CharacterTrie::Builder {
    struct Piece {
        std::u16string_view numbers;
        float score;
    };
    // A node; its children are those after `begin`.
    struct Row {
        std::size_t begin, end;
        std::uint32_t base;
    };
    struct Child {
        Number label;
        float score;
        std::size_t row;  // 0 where it has no children, kLonger where these are not told
    };
    static constexpr std::size_t kLonger = ~std::size_t{0};

    explicit Builder(CharacterTrie& trie) : trie_(trie) {}

    bool number(const Pieces::Keys& used, std::span<const float> scores);
    void add_rows(const Pieces::Keys& used, std::span<const float> scores);
    bool place();
    void fill(const Pieces& pieces, float unknown);

private:
    std::size_t add_row(std::size_t begin, std::size_t end, std::size_t depth);
    std::uint32_t find_base(const Row& row, std::size_t from) const;
    std::uint32_t base(const Child& child) const;

    CharacterTrie& trie_;
    std::vector<std::uint32_t> points_;  // of the numbers from kFirst on
    std::u16string numbers_;             // of all pieces
    std::vector<Piece> pieces_;          // sorted
    std::vector<Row> rows_;              // the root first
    std::vector<Child> children_;
    std::size_t most_ = 0;  // bases
    Bits bases_{0}, taken_{0};
};

std::unique_ptr<const CharacterTrie> CharacterTrie::make(const Pieces& pieces, const Pieces::Keys& used,
                                                         std::span<const float> scores, float unknown) {
    std::unique_ptr<CharacterTrie> trie(new CharacterTrie);
    Builder builder(*trie);
    if (!builder.number(used, scores)) return nullptr;
    builder.add_rows(used, scores);
    if (!builder.place()) return nullptr;
    builder.fill(pieces, unknown);
    return trie;
}

// Numbers characters of alphabets in their order and then others from the one with the highest score on: those that
// stand together are near each other then.
bool CharacterTrie::Builder::number(const Pieces::Keys& used, std::span<const float> scores) {
    std::vector<float> best(kPoints, kNoScore);
    std::vector<bool> known(kPoints);
    known[' '] = true;
    for (const auto& [text, id] : used) {
        const Bytes p = bytes(text), end = p + text.size();
        for (Bytes q = p; q < end; q += unicode::sequence_length(*q)) {
            const unicode::Character character = unicode::decode(q);
            if (character.point >= kPoints || !(std::fabs(scores[id]) < kLargestScore)) return false;
            known[character.point] = true;
            if (character.length == text.size()) best[character.point] = scores[id];
        }
    }
    for (std::uint32_t point = 0; point < kPoints; ++point) {
        if (known[point]) points_.push_back(point);
        trie_.numbers_[point] = static_cast<Number>(encoded_length(point));
    }
    if (points_.size() + kFirst > kMostNumbers) return false;
    const auto others = std::lower_bound(points_.begin(), points_.end(), kAfterAlphabets);
    std::stable_sort(others, points_.end(), [&](std::uint32_t a, std::uint32_t b) { return best[a] > best[b]; });
    for (std::size_t i = 0; i < points_.size(); ++i) trie_.numbers_[points_[i]] = static_cast<Number>(kFirst + i);
    trie_.base_bits_ = std::min(kMostBaseBits, kBits - static_cast<unsigned>(std::bit_width(points_.size() + kFirst)));
    return true;
}

void CharacterTrie::Builder::add_rows(const Pieces::Keys& used, std::span<const float> scores) {
    std::size_t most = 0;
    for (const auto& [text, id] : used) most += text.size();
    numbers_.reserve(most);  // so that views stay
    for (const auto& [text, id] : used) {
        const std::size_t begin = numbers_.size();
        const Bytes end = bytes(text) + text.size();
        for (Bytes p = bytes(text); p < end && numbers_.size() <= begin + kLongest; p += unicode::sequence_length(*p))
            numbers_.push_back(static_cast<char16_t>(trie_.numbers_[unicode::decode(p).point]));
        pieces_.push_back({std::u16string_view(numbers_).substr(begin), scores[id]});
    }
    std::sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) { return a.numbers < b.numbers; });
    add_row(0, pieces_.size(), 0);
}

// The node that some pieces have their first `depth` characters from. All of them are longer.
std::size_t CharacterTrie::Builder::add_row(std::size_t begin, std::size_t end, std::size_t depth) {
    const std::size_t row = rows_.size();
    rows_.push_back({});
    std::vector<Child> children;
    for (std::size_t i = begin, next; i < end; i = next) {
        Child child{static_cast<Number>(pieces_[i].numbers[depth]), kNoScore, 0};
        for (next = i; next < end && pieces_[next].numbers[depth] == child.label;) ++next;
        if (pieces_[i].numbers.size() == depth + 1) child.score = pieces_[i++].score;
        if (i < next) child.row = depth + 1 == kLongest ? kLonger : add_row(i, next, depth + 1);
        children.push_back(child);
    }
    rows_[row].begin = children_.size();
    children_.insert(children_.end(), children.begin(), children.end());
    rows_[row].end = children_.size();
    return row;
}

// The largest rows first, for these fit in few places. The root's children are told by their number alone.
bool CharacterTrie::Builder::place() {
    constexpr std::size_t kLookedBack = 8 * 64;
    most_ = (std::size_t{1} << trie_.base_bits_) - 1;
    bases_ = Bits(most_ + 64);
    taken_ = Bits(most_ + kMostNumbers + 64);
    bases_.set(0);
    std::vector<std::uint32_t> order;
    for (std::size_t i = 1; i < rows_.size(); ++i) order.push_back(static_cast<std::uint32_t>(i));
    const auto size = [this](std::uint32_t i) { return rows_[i].end - rows_[i].begin; };
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return size(a) > size(b); });
    std::size_t from = 0, last = 0, highest = 0;
    for (const std::uint32_t i : order) {
        Row& row = rows_[i];
        if (size(i) != last) from = 0;
        last = size(i);
        row.base = find_base(row, from);
        if (row.base == 0) return false;
        from = std::max(from, row.base - std::min<std::size_t>(row.base, kLookedBack));
        bases_.set(row.base);
        for (std::size_t k = row.begin; k < row.end; ++k) taken_.set(row.base + children_[k].label);
        highest = std::max<std::size_t>(highest, row.base);
    }
    trie_.nodes_.assign(highest + kFirst + points_.size(), node(kNoScore, 0));
    return true;
}

// The first from there on that is no node's yet and has room for all children, or 0.
std::uint32_t CharacterTrie::Builder::find_base(const Row& row, std::size_t from) const {
    for (std::size_t base = from / 64 * 64; base < most_; base += 64) {
        std::uint64_t free = ~bases_.from(base);
        for (std::size_t k = row.begin; k < row.end && free != 0; ++k) free &= ~taken_.from(base + children_[k].label);
        if (free == 0) continue;
        const std::size_t found = base + static_cast<std::size_t>(std::countr_zero(free));
        return found < most_ ? static_cast<std::uint32_t>(found) : 0;
    }
    return 0;
}

std::uint32_t CharacterTrie::Builder::base(const Child& child) const {
    if (child.row == kLonger) return static_cast<std::uint32_t>(most_);
    return child.row == 0 ? 0 : rows_[child.row].base;
}

// What is no piece by itself but stands in one is told apart only where it becomes bytes: else it might be one token
// with another.
void CharacterTrie::Builder::fill(const Pieces& pieces, float unknown) {
    const auto alone = [&](std::uint8_t lead, std::size_t size) {
        return node(unknown, static_cast<std::uint32_t>(pieces.unknown_tokens(&lead, size)) << kCountShift);
    };
    trie_.joins_unknown_ = !pieces.byte_fallback();
    auto& characters = trie_.characters_;
    characters.assign(kFirst + points_.size(), node(unknown, 0));
    characters[kEnd] = node(0, 1U << kCountShift);
    for (std::size_t size = 1; size <= kMostUnknown; ++size) characters[size] = alone('a', size);
    if (pieces.byte_fallback()) {
        for (std::size_t i = 0; i < points_.size(); ++i)
            characters[kFirst + i] = alone(points_[i] == ' ' ? ' ' : 'a', encoded_length(points_[i]));
    }
    for (std::size_t i = rows_[0].begin; i < rows_[0].end; ++i) {
        const Child& child = children_[i];
        Node& character = characters[child.label];
        if (child.score != kNoScore) character = node(child.score, 1U << kCountShift);
        character |= static_cast<Node>(base(child)) << kBits;
    }
    for (std::size_t i = 1; i < rows_.size(); ++i) {
        for (std::size_t k = rows_[i].begin; k < rows_[i].end; ++k) {
            const Child& child = children_[k];
            const std::uint32_t label = static_cast<std::uint32_t>(child.label) << trie_.base_bits_;
            trie_.nodes_[rows_[i].base + child.label] = node(child.score, label | base(child));
        }
    }
}

}  // namespace ctxpack::sentencepiece
