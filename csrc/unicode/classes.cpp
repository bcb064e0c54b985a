#include "unicode/classes.hpp"

namespace ctxpack::unicode {

#include "unicode/class_table.inc"

}  // namespace ctxpack::unicode
