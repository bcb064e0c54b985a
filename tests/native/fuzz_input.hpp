// The bytes of a fuzzer, taken apart from the front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ctxpack::tests {

class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : data_(reinterpret_cast<const char*>(data), size) {}

    std::uint8_t byte() {
        if (data_.empty()) return 0;
        const char first = data_[0];
        data_.remove_prefix(1);
        return static_cast<std::uint8_t>(first);
    }
    std::string take(std::size_t size) {
        std::string taken(data_.substr(0, size));
        data_.remove_prefix(taken.size());
        return taken;
    }
    std::string rest() { return take(data_.size()); }

private:
    std::string_view data_;
};

}  // namespace ctxpack::tests
