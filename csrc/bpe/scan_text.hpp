// Scans for each sink. Those of one are compiled in a file of their own: what a compiler inlines depends on all that
// stands in one.
#pragma once

#include <string_view>

#include "bpe/pattern.hpp"
#include "bpe/pretoken_sink.hpp"
#include "bpe/sinks.hpp"
#include "bpe/workspace.hpp"

namespace ctxpack::bpe {

// Splits a text by a pattern that has a scanner, and tells the sink of the tokens of all pretokens.
void scan_text(Pattern pattern, Workspace& workspace, std::string_view text, CountSink& sink);
void scan_text(Pattern pattern, Workspace& workspace, std::string_view text, IdSink& sink);
void scan_text(Pattern pattern, Workspace& workspace, std::string_view text, PretokenSink& sink);

}  // namespace ctxpack::bpe
