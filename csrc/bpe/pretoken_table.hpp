// The tokens of a vocabulary and what BPE made of other pretokens met before: a table that forgets only the latter.
#pragma once

#include <span>
#include <vector>

#include "bpe/in_blocks.hpp"
#include "bpe/pairs.hpp"
#include "encoding/table.hpp"
#include "encoding/text_key.hpp"

namespace ctxpack::bpe {

struct Tokens {
    std::size_t count = 0;  // 0 where the pretoken is not in the table
    const TokenId* ids = nullptr;
};

// That many ids may be read of any pretoken in a table, even if it has fewer: copying them takes no branch.
inline constexpr std::size_t kReadable = 16;

// A slot is a key with the number of tokens in the byte that keys leave zero: 1 for a token, more for another pretoken.
// Slots come in sets that share a line of the processor's caches, or a few. A pretoken has a home slot, and else lies
// in another of its set; where tokens have filled theirs they lie in the next ones, so all tokens are added before any
// other pretoken. A set that is full drives a pretoken out for the next.
template <std::size_t Width>
class PretokenTable {
public:
    using Key = TextKey<Width>;

    static constexpr std::size_t kWays = 4;  // slots of a set

    // Starts with 2^bits slots and grows, for pretokens, to 2^most.
    PretokenTable(unsigned bits, unsigned most, Pages pages = Pages::large)
        : bits_(bits),
          most_(most),
          slots_(std::size_t{1} << bits, pages),
          pairs_(slots_.size() + kReadable / 2, pages) {
        more_.reserve(slots_.size() * kUsual + kReadable);
        more_.resize(kReadable);
    }

    // Where most pretokens are, because the common tokens are added first.
    std::size_t home(std::uint64_t hash) const { return hash >> (64 - bits_); }
    void prefetch_home(std::uint64_t hash) const { prefetch_slot(home(hash)); }
    void prefetch_slot(std::size_t at) const { prefetch(&slots_[at]); }
    void prefetch_pair(std::size_t at) const { prefetch(&pairs_[at]); }

    // The first of the slots that share a set with this one.
    static std::size_t set_of(std::size_t at) { return at & ~(kWays - 1); }
    const Key& slot(std::size_t at) const { return slots_[at]; }
    bool holds(std::size_t at, const Key& key) const {
        std::uint64_t differ = (slots_[at].words[kLast] ^ key.words[kLast]) & ~kCount;
        for (std::size_t i = 0; i < kLast; ++i) differ |= slots_[at].words[i] ^ key.words[i];
        return differ == 0;
    }
    unsigned count(std::size_t at) const { return static_cast<unsigned>(slots_[at].words[kLast] >> 56); }
    // Of a slot that holds a pretoken of one token or two; of any other slot something else.
    const TokenPair& pair(std::size_t at) const { return pairs_[at]; }
    Tokens tokens(std::size_t at) const {
        return {count(at), count(at) <= 2 ? pairs_[at].data() : &more_[pairs_[at][0]]};
    }

    // The search goes on only past sets full of tokens: other pretokens are never put beyond a set that has room for
    // them.
    Tokens find(const Key& key, std::uint64_t hash) const {
        std::size_t at = home(hash);
        for (bool has_others = false; !has_others; at = beyond(at)) {
            for (std::size_t i = 0; i < kWays; ++i, at = next(at)) {
                if (holds(at, key)) return tokens(at);
                if (count(at) == 0) return {};
                has_others |= count(at) > 1;
            }
        }
        return {};
    }

    // Returns its slot.
    std::size_t add_token(const Key& key, std::uint64_t hash) {
        std::size_t at = free(home(hash));
        while (count(at) != 0) at = free(beyond(at));
        fill(at, key, 1);
        return at;
    }
    // Counting needs no ids, and touches no memory for them: pretokens are kept without until their ids are wanted.
    // From then on they are kept with them; the tokens, which must be told theirs, are all that stays of those before.
    void want_ids() {
        forget();
        has_ids_ = true;
    }
    bool has_ids() const { return has_ids_; }
    // Of each token that was added, in the same order: two of a damaged vocabulary may be spelt alike.
    void set_id(const Key& key, std::uint64_t hash, TokenId id) {
        std::size_t at = home(hash);
        for (std::size_t i = 0; !holds(at, key) || has_id(at);) at = ++i % kWays != 0 ? next(at) : beyond(next(at));
        pairs_[at] = {id, kNoToken};
    }

    // Remembers a pretoken that is not in the table and has more than one token. When half of the slots have had one,
    // the table grows, or forgets them all.
    void add_pretoken(const Key& key, std::uint64_t hash, std::span<const TokenId> ids) {
        if (pretokens_ == slots_.size() / 2) bits_ < most_ ? grow() : forget();
        ++pretokens_;
        std::size_t at = no_token(free(home(hash)));
        while (count(at) == 1) at = no_token(free(beyond(at)));
        if (has_ids_) pairs_[at] = ids.size() == 2 ? TokenPair{ids[0], ids[1]} : kept(ids);
        fill(at, key, ids.size());  // last: where memory runs out, no slot names what is not there
    }

private:
    static constexpr std::size_t kUsual = Width / 8;       // tokens of a pretoken that is no token, mostly no more
    static constexpr std::size_t kLine = 64;               // bytes, of the processor's caches
    static constexpr unsigned kGrowth = 2;                 // bits
    static constexpr std::size_t kLast = Key::kWords - 1;  // word of a slot, the one that has the count
    static constexpr std::uint64_t kCount = std::uint64_t{0xFF} << 56;
    static_assert(Key::kLongest <= kCount >> 56, "a pretoken has no more tokens than bytes");

    // Of a token's slot.
    bool has_id(std::size_t at) const { return pairs_[at][1] == kNoToken; }
    // The next slot of the same set, in turn, and the same slot of the next set.
    static std::size_t next(std::size_t at) { return set_of(at) | ((at + 1) & (kWays - 1)); }
    std::size_t beyond(std::size_t at) const { return (at + kWays) & (slots_.size() - 1); }
    // The first empty slot of a set from this one on; this one where there is none.
    std::size_t free(std::size_t at) const {
        if constexpr (sizeof(Key) * kWays > kLine) {
            for (std::size_t i = 0; i < kWays && count(at) != 0; ++i) at = next(at);
            return at;
        }
        // all at once, without a branch
        unsigned used = 0;
        for (std::size_t i = 0; i < kWays; ++i) used |= unsigned{count(set_of(at) + i) != 0} << i;
        const unsigned in_turn = (used | used << kWays) >> at % kWays & ((1 << kWays) - 1);
        return set_of(at) | (at + static_cast<unsigned>(std::countr_one(in_turn))) % kWays;
    }
    // The first slot of a set from this one on that holds no token; this one where there is none.
    std::size_t no_token(std::size_t at) const {
        for (std::size_t i = 0; i < kWays && count(at) == 1; ++i) at = next(at);
        return at;
    }
    TokenPair kept(std::span<const TokenId> ids) {
        const auto place = static_cast<TokenId>(more_.size() - kReadable);
        more_.insert(more_.end() - kReadable, ids.begin(), ids.end());
        return {place};
    }
    void fill(std::size_t at, const Key& key, std::size_t count) {
        slots_[at] = key;
        slots_[at].words[kLast] |= static_cast<std::uint64_t>(count) << 56;
    }
    void grow() {
        PretokenTable larger(std::min(bits_ + kGrowth, most_), most_, Pages::small);
        larger.has_ids_ = has_ids_;
        const auto prepare = [&](std::size_t at) {
            Key key = slots_[at];
            key.words[kLast] &= ~kCount;
            const std::uint64_t hash = hash_of(key);
            larger.prefetch_home(hash);
            if (has_ids_) larger.prefetch_pair(larger.home(hash));
            return std::pair(key, hash);
        };
        for (const bool is_token : {true, false}) {
            in_blocks(slots_.size(), prepare, [&](std::size_t at, const auto& pretoken) {
                if (count(at) == 0 || (count(at) == 1) != is_token) return;
                if (!is_token) return larger.add_pretoken(pretoken.first, pretoken.second, {tokens(at).ids, count(at)});
                const std::size_t slot = larger.add_token(pretoken.first, pretoken.second);
                if (has_ids_) larger.pairs_[slot] = pairs_[at];
            });
        }
        *this = std::move(larger);
    }
    void forget() {
        for (std::size_t at = 0; at < slots_.size(); ++at) {
            if (count(at) > 1) slots_[at] = {};
        }
        more_.resize(kReadable);
        pretokens_ = 0;
    }

    unsigned bits_, most_;
    std::size_t pretokens_ = 0;  // that were added
    bool has_ids_ = false;
    Table<Key> slots_;
    Table<TokenPair> pairs_;     // by slot, where ids are wanted; of more than two tokens their place in more_
    std::vector<TokenId> more_;  // tokens of pretokens of more than two, and kReadable past the last
};

}  // namespace ctxpack::bpe
