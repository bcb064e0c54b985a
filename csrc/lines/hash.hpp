// Hashes of lines that nobody can make two lines for.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ctxpack::lines {

// A key of SipHash.
struct Key {
    std::uint64_t first, second;
};

// SipHash-1-3 (Aumasson and Bernstein, 2012), as Rust's and Python's tables of strings use it. O(bytes).
class SipHash {
public:
    explicit SipHash(Key key)
        : v0_(key.first ^ 0x736f6d6570736575),
          v1_(key.second ^ 0x646f72616e646f6d),
          v2_(key.first ^ 0x6c7967656e657261),
          v3_(key.second ^ 0x7465646279746573) {}

    std::uint64_t of(std::string_view text) {
        const std::uint64_t size = text.size();
        for (; text.size() >= 8; text.remove_prefix(8)) take(word(text.data(), 8));
        take(word(text.data(), text.size()) | size << 56);
        v2_ ^= 0xff;
        for (int turn = 0; turn < 3; ++turn) round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

private:
    // Up to eight bytes as a number, in the order of this machine: hashes are for this process alone.
    static std::uint64_t word(const char* bytes, std::size_t size) {
        std::uint64_t number = 0;
        std::memcpy(&number, bytes, size);
        return number;
    }

    void take(std::uint64_t number) {
        v3_ ^= number;
        round();
        v0_ ^= number;
    }

    void round() {
        v0_ += v1_, v2_ += v3_;
        v1_ = std::rotl(v1_, 13) ^ v0_, v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v1_, v0_ += v3_;
        v1_ = std::rotl(v1_, 17) ^ v2_, v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ = std::rotl(v2_, 32);
    }

    std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace ctxpack::lines
