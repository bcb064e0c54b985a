// What BPE made of pretokens met before: bounded tables that forget.
#pragma once

#include <vector>

#include "bpe/piece.hpp"
#include "bpe/table.hpp"

namespace ctxpack::bpe {

struct CachedTokens {
    unsigned count = 0;            // 0 where the piece is not cached
    const TokenId* ids = nullptr;  // null where the slot had no room for them
};

struct LongPiece {
    Bytes text;
    std::size_t size;
};

// A short piece, 32 bytes: its key, with the number of tokens in the byte that keys leave zero, and up to 4 ids.
class ShortSlot {
public:
    using Key = PieceKey;
    static constexpr std::size_t kLongest = kShort;

    bool holds(PieceKey key) const { return key_.low == key.low && (key_.high & ~kCount) == key.high; }
    CachedTokens tokens() const {
        const auto count = static_cast<unsigned>(key_.high >> 56);
        return {count, count <= kIds ? ids_ : nullptr};
    }
    void fill(PieceKey key, const std::vector<TokenId>& ids) {
        key_ = {key.low, key.high | static_cast<std::uint64_t>(ids.size()) << 56};
        if (ids.size() <= kIds) std::memcpy(ids_, ids.data(), ids.size() * sizeof(TokenId));
    }

private:
    static constexpr std::uint64_t kCount = std::uint64_t{0xFF} << 56;
    static constexpr std::size_t kIds = 4;

    PieceKey key_;
    TokenId ids_[kIds];
};

// A longer piece, 128 bytes: up to 62 bytes of text and 16 ids.
class LongSlot {
public:
    using Key = LongPiece;
    static constexpr std::size_t kLongest = 62;

    bool holds(LongPiece piece) const {
        return size_ == piece.size && std::memcmp(text_, piece.text, piece.size) == 0;
    }
    CachedTokens tokens() const { return {count_, count_ <= kIds ? ids_ : nullptr}; }
    void fill(LongPiece piece, const std::vector<TokenId>& ids) {
        std::memcpy(text_, piece.text, piece.size);
        size_ = static_cast<std::uint8_t>(piece.size);
        count_ = static_cast<std::uint8_t>(ids.size());
        if (ids.size() <= kIds) std::memcpy(ids_, ids.data(), ids.size() * sizeof(TokenId));
    }

private:
    static constexpr std::size_t kIds = 16;

    std::uint8_t text_[kLongest];
    std::uint8_t size_;
    std::uint8_t count_;
    TokenId ids_[kIds];
};

// Two-way: a piece lives in one of two neighbouring slots, the fresher one first. A piece of more tokens than its slot
// holds is cached for counting only.
template <class Slot, unsigned Bits>
class PieceCache {
public:
    using Key = typename Slot::Key;
    static constexpr std::size_t kLongest = Slot::kLongest;

    CachedTokens find(Key key, std::uint64_t hash) const {
        const std::size_t at = index(hash);
        if (slots_[at].holds(key)) return slots_[at].tokens();
        if (slots_[at ^ 1].holds(key)) return slots_[at ^ 1].tokens();
        return {};
    }

    void insert(Key key, std::uint64_t hash, const std::vector<TokenId>& ids) {
        const std::size_t at = index(hash);
        slots_[at ^ 1] = slots_[at];
        slots_[at].fill(key, ids);
    }

    void prefetch_slot(std::uint64_t hash) const { prefetch(&slots_[index(hash)]); }

private:
    // The vocabulary's tables use the top bits of the same hash.
    static std::size_t index(std::uint64_t hash) { return (hash >> 16) & ((std::size_t{1} << Bits) - 1); }

    Table<Slot> slots_{std::size_t{1} << Bits};
};

using ShortPieceCache = PieceCache<ShortSlot, 17>;
using LongPieceCache = PieceCache<LongSlot, 16>;

}  // namespace ctxpack::bpe
