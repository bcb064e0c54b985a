// What single bytes of a text are.
#pragma once

namespace ctxpack::text {

inline bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

inline bool is_ascii_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

inline bool is_ascii_digit(char byte) { return byte >= '0' && byte <= '9'; }

// A byte of a character outside ASCII.
inline bool is_wide(char byte) { return static_cast<unsigned char>(byte) >= 0x80; }

}  // namespace ctxpack::text
