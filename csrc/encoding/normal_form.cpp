#include "encoding/normal_form.hpp"

#include <vector>

#include "unicode/nfc.hpp"

namespace ctxpack {
namespace {

using unicode::Part;

// Between parts: it joins nothing, and nothing joins it.
constexpr char kSeparator = '\n';

// None has a separator: the only plain character of a part is its first.
std::vector<Part> doubtful_parts(std::string_view text) {
    std::vector<Part> parts;
    for (std::size_t from = 0; from < text.size();) {
        Part part = unicode::next_doubtful(text, from);
        from = part.end;
        if (part.begin == part.end) break;
        if (text[part.begin] == kSeparator) ++part.begin;
        parts.push_back(part);
    }
    return parts;
}

std::string as_lines(std::string_view text, const std::vector<Part>& parts) {
    std::string lines;
    for (const Part& part : parts) {
        lines += text.substr(part.begin, part.end - part.begin);
        lines += kSeparator;
    }
    return lines;
}

std::string with_lines(std::string_view text, const std::vector<Part>& parts, std::string_view lines) {
    std::string all;
    all.reserve(text.size() + lines.size());
    std::size_t from = 0;
    for (const Part& part : parts) {
        const std::size_t size = lines.find(kSeparator);
        all += text.substr(from, part.begin - from);
        all += lines.substr(0, size);
        lines.remove_prefix(size + 1);
        from = part.end;
    }
    all += text.substr(from);
    return all;
}

}  // namespace

std::string_view normal_form(const Normalize& normalize, std::string_view text, std::string& held) {
    const std::vector<Part> parts = doubtful_parts(text);
    if (parts.empty()) return text;
    const std::string lines = as_lines(text, parts), normal = normalize(lines);
    if (normal == lines) return text;
    held = with_lines(text, parts, normal);
    return held;
}

}  // namespace ctxpack
