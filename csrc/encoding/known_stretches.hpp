// The counts of stretches of text that were met before: one entry for some kilobytes of text.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "encoding/stretch_tag.hpp"

namespace ctxpack {

// A table of sets. It grows to 2^kMostBits sets; then new stretches take the places of others, in turn.
template <class Value>
class KnownStretches {
public:
    // Null where it is not known.
    const Value* find(const StretchTag& tag) const {
        for (const Entry& entry : set_of(tag).entries) {
            if (entry.tag == tag) return &entry.value;
        }
        return nullptr;
    }

    // Of a stretch that need not be new.
    void add(const StretchTag& tag, const Value& value) {
        if (added_ == sets_.size() * kWays / 2 && bits_ < kMostBits) grow();
        ++added_;
        put({tag, value});
    }

private:
    static constexpr std::size_t kWays = 4;
    static constexpr unsigned kFewestBits = 6, kGrowth = 2, kMostBits = 16;
    static_assert((kMostBits - kFewestBits) % kGrowth == 0);

    struct Entry {
        StretchTag tag;  // its second word is 0 where there is none
        Value value;
    };
    struct Set {
        std::array<Entry, kWays> entries;
    };

    const Set& set_of(const StretchTag& tag) const { return sets_[tag.first >> (64 - bits_)]; }

    void put(const Entry& entry) {
        Set& set = sets_[entry.tag.first >> (64 - bits_)];
        const auto place = std::ranges::find_if(
            set.entries, [&](const Entry& other) { return other.tag.second == 0 || other.tag == entry.tag; });
        if (place != set.entries.end()) {
            *place = entry;
        } else {
            set.entries[in_turn_++ % kWays] = entry;
        }
    }

    void grow() {
        std::vector<Set> old(sets_.size() << kGrowth);
        old.swap(sets_);
        bits_ += kGrowth;
        for (const Set& set : old) {
            for (const Entry& entry : set.entries) {
                if (entry.tag.second != 0) put(entry);
            }
        }
    }

    unsigned bits_ = kFewestBits;
    std::vector<Set> sets_ = std::vector<Set>(std::size_t{1} << bits_);
    std::size_t added_ = 0;
    std::size_t in_turn_ = 0;
};

}  // namespace ctxpack
