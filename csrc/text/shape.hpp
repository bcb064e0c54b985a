// The shape of a text: prose, which is cut into sentences, or lines, as in code, logs, tables and JSON.
#pragma once

#include <string_view>

namespace ctxpack::text {

enum class Shape { prose, lines };

// Prose has few signs, and most of it stands in lines that end as sentences do, or in wrapped ones, that do not begin
// alike. O(bytes), at most the first megabyte; so are the others here.
Shape shape_of(std::string_view text);

// Whether the lines of prose are wrapped: a newline is then white space, and only a blank line ends a paragraph.
bool is_wrapped(std::string_view text);

// Whether prose is a conversation: nearly every line begins with the name of a speaker and a colon, and names recur.
bool is_conversation(std::string_view text);

}  // namespace ctxpack::text
