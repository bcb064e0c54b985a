// Fuzzes every pattern's scanners: all of them must split a text alike. Run by tools/fuzz.py.
#include "splitter_checks.hpp"
#include "unicode/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (!ctxpack::unicode::is_valid(data, size)) return -1;
    ctxpack::tests::compare(std::string(reinterpret_cast<const char*>(data), size));
    return 0;
}
