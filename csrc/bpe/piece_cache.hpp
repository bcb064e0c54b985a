// What BPE made of pretokens met before: a bounded table that forgets.
#pragma once

#include <vector>

#include "bpe/piece.hpp"
#include "bpe/table.hpp"

namespace ctxpack::bpe {

// Two-way: a piece lives in one of two neighbouring slots, the fresher one first. A slot holds up to Width - 2 bytes of
// text, and the ids of a piece of up to Width / 4 tokens beside them, so that a short slot is half a cache line and
// looking at both ways loads one. A piece of more tokens is cached for counting only.
template <std::size_t Width, unsigned Bits>
class PieceCache {
public:
    static constexpr std::size_t kLongest = Width - 2;
    static constexpr std::size_t kIds = Width / 4;

    struct Entry {
        unsigned count = 0;            // tokens; 0 where the piece is not cached
        const TokenId* ids = nullptr;  // null where there are more than kIds
    };

    Entry find(Bytes p, std::size_t size, std::uint64_t hash) const {
        const std::size_t at = index(hash);
        for (const std::size_t way : {at, at ^ 1}) {
            const Slot& slot = slots_[way];
            if (slot.size == size && std::memcmp(slot.text, p, size) == 0) {
                return {slot.count, slot.count <= kIds ? slot.ids : nullptr};
            }
        }
        return {};
    }

    void insert(Bytes p, std::size_t size, std::uint64_t hash, const std::vector<TokenId>& ids) {
        const std::size_t at = index(hash);
        slots_[at ^ 1] = slots_[at];
        Slot& slot = slots_[at];
        std::memcpy(slot.text, p, size);
        slot.size = static_cast<std::uint8_t>(size);
        slot.count = static_cast<std::uint8_t>(ids.size());
        if (ids.size() <= kIds) std::memcpy(slot.ids, ids.data(), ids.size() * sizeof(TokenId));
    }

    void prefetch_slot(std::uint64_t hash) const { prefetch(&slots_[index(hash)]); }

private:
    struct Slot {
        std::uint8_t text[kLongest];
        std::uint8_t size;
        std::uint8_t count;
        TokenId ids[kIds];
    };
    static_assert(sizeof(Slot) == 2 * Width && kLongest <= 255);

    // The vocabulary's tables use the top bits of the same hash.
    static std::size_t index(std::uint64_t hash) { return (hash >> 16) & ((std::size_t{1} << Bits) - 1); }

    Table<Slot> slots_{std::size_t{1} << Bits};
};

}  // namespace ctxpack::bpe
