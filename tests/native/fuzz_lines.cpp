// Fuzzes lines and their index: lines tile the text, and runs lead to equal lines. Run by tools/fuzz.py.
#include <algorithm>
#include <stdexcept>

#include "fuzz_input.hpp"
#include "lines/index.hpp"
#include "lines/reports.hpp"
#include "lines/templated.hpp"
#include "require.hpp"

namespace {

using namespace ctxpack::lines;
using ctxpack::tests::Input;
using ctxpack::tests::require;

void check_tiles(const List& lines) {
    std::uint32_t end = 0;
    for (const Line& line : lines) {
        require(line.start == end && line.stop >= end, "lines leave a gap");
        end = line.stop;
    }
}

void check_runs(const std::vector<List>& above, const List& lines, const Index& index) {
    std::uint32_t end = 0;
    std::vector<bool> covered(lines.size());
    for (const Run& run : index.runs(lines, 2, 5, 20, 3)) {
        require(run.first >= end && run.length > 0, "runs overlap");
        end = run.first + run.length;
        const bool is_own = run.place == above.size();
        for (std::uint32_t step = 0; step < run.length; ++step) {
            const Line& known = (is_own ? lines : above.at(run.place)).at(run.at + step);
            const Line &line = lines.at(run.first + step), &head = lines.at(run.first);
            require(known.hash == line.hash, "a run is of other lines");
            require(line.number == head.number + step, "two numbers do not name a run");
            require(is_own ? run.at < run.first && (run.at + step >= run.first || !covered[run.at + step])
                           : known.number == index.number(run.place, run.at + step),
                    "a run points elsewhere");
            covered[run.first + step] = true;
        }
    }
}

void check_templates(const std::string& text) {
    const Templated found = templated(text);
    require((found.templates > 0) == !found.text.empty(), "templates and no text, or text and none", text);
    require(
        !found.templates || std::count(found.text.begin(), found.text.end(), '\n') + 1 == found.templates + found.lines,
        "lines are lost", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    std::vector<List> above;
    Index index;
    for (unsigned left = input.byte() & 7; left > 0; --left) {
        above.push_back(list(input.take(input.byte())));
        check_tiles(above.back());
        index.add(above.back());
    }
    std::vector<Gutter> gutters;
    for (unsigned left = input.byte() & 15; left > 0; --left) gutters.push_back({input.byte(), input.byte() & 3u});
    const std::string text = input.rest();
    check_runs(above, list(text), index);
    check_templates(text);
    reports(text);
    try {
        check_runs(above, list(text, gutters), index);
    } catch (const std::invalid_argument&) {
    }
    return 0;
}
