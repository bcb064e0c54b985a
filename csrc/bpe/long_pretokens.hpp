// Tokens and other pretokens that are too long for keys of a fixed width.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bpe/pretoken_table.hpp"

namespace ctxpack::bpe {

// All tokens are added before any other pretoken.
class LongPretokens {
public:
    static constexpr std::size_t kLongest = 1024;  // of a pretoken that is no token, in bytes

    LongPretokens() {
        texts_.reserve(kMostBytes);
        ids_.reserve(kMostBytes / kUsual);
    }

    // Of a pretoken of at least 8 bytes. O(its size).
    static std::uint64_t hash(std::string_view pretoken) {
        std::uint64_t hash = pretoken.size() * kMix2;
        for (std::size_t at = 0; at + 8 < pretoken.size(); at += 8)
            hash = std::rotl((hash ^ word(pretoken, at)) * kMix1, 29);
        return (hash ^ word(pretoken, pretoken.size() - 8)) * kMix1;
    }
    void prefetch_home(std::uint64_t hash) const { prefetch(&slots_[home(hash)]); }

    Tokens find(std::string_view pretoken, std::uint64_t hash) const {
        for (std::size_t at = home(hash); slots_[at].count != 0; at = next(at)) {
            const Slot& slot = slots_[at];
            if (slot.hash == hash && text(slot) == pretoken) return {slot.count, &ids_[slot.ids]};
        }
        return {};
    }
    void add_token(std::string_view pretoken, TokenId id) {
        add(pretoken, hash(pretoken), {&id, 1});
        token_bytes_ = texts_.size();
    }
    // Remembers a pretoken that has more than one token, if it is not here and not absurdly long; where there is too
    // much to remember, forgets all others.
    void add_pretoken(std::string_view pretoken, std::uint64_t hash, std::span<const TokenId> ids) {
        if (pretoken.size() > kLongest || find(pretoken, hash).count != 0) return;
        if (texts_.size() + pretoken.size() > token_bytes_ + kMostBytes) forget();
        add(pretoken, hash, ids);
    }

private:
    static constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of those that are no tokens
    static constexpr std::size_t kUsual = 2;  // bytes of such a pretoken to a token, mostly no fewer

    // Where a pretoken's text and its tokens are; empty if it has none.
    struct Slot {
        std::uint64_t hash;
        std::size_t text, ids;
        std::uint32_t size, count;
    };

    static std::uint64_t word(std::string_view pretoken, std::size_t at) {
        std::uint64_t word;
        std::memcpy(&word, pretoken.data() + at, sizeof word);
        return word;
    }
    std::string_view text(const Slot& slot) const { return std::string_view(texts_).substr(slot.text, slot.size); }
    std::size_t home(std::uint64_t hash) const { return hash >> (64 - bits_); }
    std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

    void add(std::string_view pretoken, std::uint64_t hash, std::span<const TokenId> ids) {
        if (filled_ == slots_.size() / 2) refill(bits_ + 1, [](const Slot& slot) { return slot.count != 0; });
        const Slot slot{hash, texts_.size(), ids_.size(), static_cast<std::uint32_t>(pretoken.size()),
                        static_cast<std::uint32_t>(ids.size())};
        texts_ += pretoken;
        ids_.insert(ids_.end(), ids.begin(), ids.end());
        put(slot);  // last: where memory runs out, no slot names what is not there
    }
    void put(const Slot& slot) {
        std::size_t at = home(slot.hash);
        while (slots_[at].count != 0) at = next(at);
        slots_[at] = slot;
        ++filled_;
    }
    void forget() {
        refill(bits_, [](const Slot& slot) { return slot.count == 1; });
        texts_.resize(token_bytes_);
        ids_.resize(filled_);
    }
    // Into 2^bits slots, those that are to be kept.
    template <class Keep>
    void refill(unsigned bits, Keep keep) {
        std::vector<Slot> old(std::size_t{1} << bits);
        old.swap(slots_);
        bits_ = bits;
        filled_ = 0;
        for (const Slot& slot : old) {
            if (keep(slot)) put(slot);
        }
    }

    unsigned bits_ = 10;
    std::vector<Slot> slots_ = std::vector<Slot>(std::size_t{1} << bits_);
    std::size_t filled_ = 0;
    std::string texts_;
    std::vector<TokenId> ids_;
    std::size_t token_bytes_ = 0;
};

}  // namespace ctxpack::bpe
