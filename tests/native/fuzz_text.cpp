// Fuzzes what is kept of texts: units tile them, scores are numbers, choices keep to the budget, names and characters
// are where they are said to be. The input is read as a budget, a gap, a query and a text. Run by tools/fuzz.py.
#include <cmath>

#include "fuzz_input.hpp"
#include "require.hpp"
#include "text/document.hpp"
#include "text/names.hpp"
#include "text/segment.hpp"
#include "unicode/characters.hpp"
#include "unicode/nfc.hpp"

namespace {

using namespace ctxpack::text;
namespace unicode = ctxpack::unicode;
using ctxpack::tests::Input;
using ctxpack::tests::require;

bool is_boundary(std::string_view text, std::size_t at) { return unicode::floor_boundary(text, at) == at; }

bool is_text(std::string_view text) {
    return unicode::is_valid(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

void check_units(const Document& document, std::string_view text) {
    std::uint32_t end = 0;
    for (const Unit& unit : document.units()) {
        require(unit.begin == end && unit.end > end && is_boundary(text, unit.end), "units leave a gap", text);
        require(unit.end - unit.begin <= kLongestUnit, "a unit is too long", text);
        end = unit.end;
    }
    require(end == text.size(), "the units end elsewhere", text);
}

std::vector<double> checked_scores(const Document& document, std::string_view query, std::string_view text) {
    const std::vector<double> scores = document.scores(query, 1);
    require(scores.size() == document.units().size(), "there is not one score for each unit", text);
    for (const double score : scores) require(std::isfinite(score) && score >= 0, "a score is no number", text);
    return scores;
}

// The first unit is wanted most; each costs what it has of bytes.
void check_choice(const Document& document, const std::vector<double>& scores, std::int64_t budget, std::int64_t gap,
                  std::string_view text) {
    std::vector<std::int64_t> costs;
    for (const Unit& unit : document.units()) costs.push_back(unit.end - unit.begin);
    const std::vector<std::uint32_t> required(costs.empty() ? 0 : 1);
    std::int64_t cost = 0;
    std::uint32_t next = 0;
    for (const std::uint32_t unit : document.choose(scores, costs, required, gap, budget)) {
        require(unit < costs.size() && unit >= next, "the chosen units are out of order", text);
        cost += costs[unit] + (unit > next && next > 0 ? gap : 0);
        next = unit + 1;
    }
    require(cost <= budget, "the choice costs too much", text);
}

void check_names(std::string_view text) {
    std::uint32_t end = 0;
    for (const Name& name : names(text)) {
        require(name.begin >= end && name.end > name.begin && name.end <= text.size(), "names overlap", text);
        end = name.end;
    }
}

void check_characters(std::string_view text) {
    const unicode::CharacterOffsets offsets(text);
    std::size_t character = 0;
    for (std::size_t at = 0; at < text.size(); at = unicode::ceil_boundary(text, at + 1)) {
        require(offsets.byte(character++) == at, "a character starts elsewhere", text);
    }
    require(offsets.byte(character) == text.size(), "the characters end elsewhere", text);
}

// From a plain character, or a text's start, to the next one; mostly so short that they are looked through one by one.
std::size_t unit_end(std::string_view text, std::size_t from) {
    const std::size_t next = unicode::ceil_boundary(text, from + 1);
    return next + unicode::first_plain(text.substr(next));
}

std::size_t first_doubtful_unit(std::string_view text, std::size_t from) {
    while (from < text.size()) {
        const std::size_t end = unit_end(text, from);
        if (unicode::next_doubtful(text.substr(0, end), from).begin < end) return from;
        from = end;
    }
    return from;
}

void check_doubtful_parts(std::string_view text) {
    for (std::size_t from = 0; from < text.size();) {
        const auto [begin, end] = unicode::next_doubtful(text, from);
        require(from <= begin && begin <= end && end <= text.size(), "a doubtful part is out of order", text);
        require((begin == end) == (begin == text.size()), "a doubtful part is empty", text);
        require(begin == first_doubtful_unit(text, from), "another part is doubtful by itself", text);
        require(begin == end || end == unit_end(text, begin), "a doubtful part ends elsewhere", text);
        from = end;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const std::int64_t budget = 8 * input.byte(), gap = input.byte() & 31;
    const std::string query = input.take(input.byte() & 63), text = input.rest();
    if (!is_text(query) || !is_text(text)) return -1;
    const Document document(text);
    check_units(document, text);
    check_choice(document, checked_scores(document, query, text), budget, gap, text);
    check_names(text);
    check_characters(text);
    check_doubtful_parts(text);
    return 0;
}
