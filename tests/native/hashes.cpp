// Prints the hash of each line of its input, under the key of zeros.
#include <cstdint>
#include <iostream>
#include <string>

#include "lines/hash.hpp"

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << static_cast<std::int64_t>(ctxpack::lines::SipHash({0, 0}).of(line)) << '\n';
    }
}
