// Fuzzes the transcoders: all of them must make the same UTF-8 of characters. Run by tools/fuzz.py.
#include <cstring>

#include "transcode_checks.hpp"

namespace {

template <class Unit>
void compare(const std::uint8_t* data, std::size_t size) {
    std::vector<Unit> characters(size / sizeof(Unit));
    if (!characters.empty()) std::memcpy(characters.data(), data, characters.size() * sizeof(Unit));
    for (Unit& character : characters) {
        if (character > 0x10FFFF) character = static_cast<Unit>(character & 0xFFFF);  // there are no such characters
    }
    ctxpack::tests::compare_transcoders(characters);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    compare<std::uint8_t>(data, size);
    compare<std::uint16_t>(data, size);
    compare<std::uint32_t>(data, size);
    return 0;
}
