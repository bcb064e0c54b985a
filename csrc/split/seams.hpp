// Where a text may be cut whatever its split pattern, and its parts split one by one.
#pragma once

#include "split/cursor.hpp"

namespace ctxpack::split {

// The first seam after `p` and before `limit`, or `limit`. A seam is a place after a letter and before what is no
// letter, mark or apostrophe: every pattern starts a pretoken there, and what is before it is split as at a text's end.
// Of what is not ASCII only the punctuation and the space of Chinese and Japanese is taken, for DeepSeek's pattern
// keeps some of the Japanese with letters. O(bytes).
Bytes next_seam(Bytes p, Bytes limit, Bytes end);

}  // namespace ctxpack::split
