// Names shared by the BPE headers.
#pragma once

#include <string_view>

#include "encoding/types.hpp"

namespace ctxpack::bpe {

using ctxpack::Bytes;
using ctxpack::kNoToken;
using ctxpack::TokenId;

inline std::string_view view(Bytes p, std::size_t size) { return {reinterpret_cast<const char*>(p), size}; }

}  // namespace ctxpack::bpe
