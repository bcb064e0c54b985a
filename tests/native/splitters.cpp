// Compares every block splitter that this processor can run with the scalar one, on generated text and on the files
// named on the command line.
#include <fstream>
#include <iterator>
#include <random>

#include "splitter_checks.hpp"

namespace {

using namespace ctxpack;
using tests::compare;

// Parts of which most pairs meet at a boundary of some pattern.
const std::vector<std::string> kParts = {
    "a",      "b",         "Z",      "Q",          "s",      "T",      "re",      "LL",     "vE",     "hello",
    "World",  "camelCase", "'",      "'",          "'s",     "'ll",    "'\u017f", "\u2019", " ",      " ",
    "  ",     "\t",        "\v",     "\f",         "\n",     "\n",     "\r",      "\r\n",   " \n",    "/",
    "//",     "/\n",       ".",      "(",          "!!",     "_",      "-",       "\x01",   "\x7f",   "\x1c",
    "0",      "7",         "12",     "12345",      "\u0663", "\u00e9", "\u00c9",  "\u4e2d", "\u0301", "\u3042",
    "\u30fb", "\u3007",    "\u2e80", "\uff0c",     "\u4dff", "\u9f99", "\u9fa5",  "\u9fa6", "\u00a0", "\u3000",
    "\u2028", "\u01c5",    "\u200d", "\U0001f44d",
};

std::string drawn(std::mt19937& random) {
    // A few parts a text, so that runs of the same kinds form; letters push them across window ends.
    const std::size_t variety = 1 + random() % 8;
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < variety; ++i) parts.push_back(kParts[random() % kParts.size()]);
    std::string text(random() % 80, 'x');
    for (std::size_t left = random() % 160; left > 0; --left) text += parts[random() % parts.size()];
    return text;
}

void compare_classes() {
    for (unsigned byte = 0; byte < 128; ++byte) {
        const unicode::Class is = unicode::class_of_ascii(static_cast<std::uint8_t>(byte));
        const unsigned kinds = split::kinds_of(byte);
        const bool same = (is == unicode::Class::upper) == ((kinds & split::kUpperCase) != 0) &&
                          (is == unicode::Class::lower) == ((kinds & split::kLowerCase) != 0) &&
                          (is == unicode::Class::number) == ((kinds & split::kDigit) != 0) &&
                          (is == unicode::Class::space) == ((kinds & split::kBlank) != 0) &&
                          (is == unicode::Class::newline) == ((kinds & split::kNewline) != 0) &&
                          unicode::in(is, split::kSymbols) == ((kinds & split::kSymbol) != 0);
        if (!same) tests::fail("byte " + std::to_string(byte) + " is of another class");
    }
}

// Of blanks no more than two stay together.
void check_pairs() {
    if (!cpu::can_run(cpu::Level::avx512)) return;
    const std::string text = "a\n" + std::string(9, ' ') + "b" + std::string(6, ' ') + "c";
    for (const std::size_t length : tests::lengths(split::splitter_for<split::Gpt2Pairs>(cpu::Level::avx512), text)) {
        if (length > 2) tests::fail("pairs of gpt2", cpu::Level::avx512, text);
    }
}

// Every text of four of these, twice, and after symbols that move it across a window's end.
void compare_all_short() {
    const std::string alphabet = "aZt're0 \t\n/.l";
    for (const char first : alphabet) {
        for (const char second : alphabet) {
            for (const char third : alphabet) {
                for (const char fourth : alphabet) {
                    const std::string four{first, second, third, fourth};
                    compare(four + four);
                    compare(std::string(60 + (first + second) % 3, '.') + four + 'x');
                }
            }
        }
    }
}

}  // namespace

int main(int count, char** arguments) {
    compare_classes();
    compare_all_short();
    check_pairs();
    std::mt19937 random(20260729);
    for (int i = 0; i < 20'000; ++i) compare(drawn(random));
    for (int i = 1; i < count; ++i) {
        std::ifstream file(arguments[i], std::ios::binary);
        compare(std::string(std::istreambuf_iterator<char>(file), {}));
    }
    const char* const names[] = {"portable", "avx2", "avx512", "neon"};
    std::printf("same at %s\n", names[static_cast<int>(cpu::best_level())]);
}
