#include "bpe/scan.hpp"
#include "bpe/scan_text.hpp"

namespace ctxpack::bpe {

void scan_text(Pattern pattern, Workspace& workspace, std::string_view text, CountSink& sink) {
    const Bytes p = bytes(text);
    with_scanner(pattern,
                 [&]<class Splitter>() { Scan<Splitter, CountSink>(workspace, sink).run(p, p + text.size()); });
}

}  // namespace ctxpack::bpe
