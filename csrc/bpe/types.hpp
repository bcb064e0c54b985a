// Names shared by the BPE headers.
#pragma once

#include "encoding/types.hpp"

namespace ctxpack::bpe {

using ctxpack::Bytes;
using ctxpack::kNoToken;
using ctxpack::TokenId;

}  // namespace ctxpack::bpe
