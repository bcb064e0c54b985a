// Numbers by hash, in one array.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace ctxpack::lines {

// Open addressing, at most half full. The hashes are spread well and are the keys: no two texts are told apart by more.
class Slots {
public:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

    explicit Slots(std::size_t expected = 0) : slots_(std::bit_ceil(2 * expected + 1), Slot{0, kNone}) {}

    // The number of a hash, kNone where it has none. O(1).
    std::uint32_t find(std::uint64_t hash) const { return slots_[place_of(hash)].number; }

    // Where to read or write the number of a hash, until the next call. O(1), amortised.
    std::uint32_t& operator[](std::uint64_t hash) {
        std::size_t at = place_of(hash);
        if (slots_[at].number != kNone) return slots_[at].number;
        if (2 * ++used_ > slots_.size()) {
            grow();
            at = place_of(hash);
        }
        slots_[at].hash = hash;
        return slots_[at].number;
    }

private:
    struct Slot {
        std::uint64_t hash;
        std::uint32_t number;
    };

    std::size_t place_of(std::uint64_t hash) const {
        std::size_t at = hash & (slots_.size() - 1);
        while (slots_[at].number != kNone && slots_[at].hash != hash) at = (at + 1) & (slots_.size() - 1);
        return at;
    }

    void grow() {
        std::vector<Slot> old(2 * slots_.size(), Slot{0, kNone});
        old.swap(slots_);
        for (const Slot& slot : old) {
            if (slot.number != kNone) slots_[place_of(slot.hash)] = slot;
        }
    }

    std::vector<Slot> slots_;
    std::size_t used_ = 0;
};

}  // namespace ctxpack::lines
