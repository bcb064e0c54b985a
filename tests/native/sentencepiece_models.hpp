// Models small enough to write down, and drawn ones, as views that ModelData wants.
#pragma once

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "sentencepiece/encoding.hpp"

namespace ctxpack::sentencepiece {

struct Model {
    ModelType type = ModelType::bpe;
    std::vector<std::string> pieces;
    std::vector<float> scores;
    std::vector<std::uint8_t> types;
    std::string charsmap;
    bool byte_fallback = false;
    bool add_dummy_prefix = true;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;
    bool whitespace_as_suffix = false;

    void add(std::string piece, float score, PieceType type) {
        pieces.push_back(std::move(piece));
        scores.push_back(score);
        types.push_back(static_cast<std::uint8_t>(type));
    }

    void add_bytes() {
        byte_fallback = true;
        for (unsigned byte = 0; byte < 256; ++byte) {
            char spelt[8];
            std::snprintf(spelt, sizeof spelt, "<0x%02X>", byte);
            add(spelt, 0, PieceType::byte);
        }
    }

    template <class Use>
    auto with_data(Use use) const {
        std::string text;
        std::vector<std::uint32_t> lengths;
        for (const std::string& piece : pieces) {
            text += piece;
            lengths.push_back(static_cast<std::uint32_t>(piece.size()));
        }
        return use(ModelData{type, pieces.size(), lengths.data(), scores.data(), types.data(), text, charsmap, " ? ",
                             byte_fallback, add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces,
                             whitespace_as_suffix});
    }

    Encoding encoding() const {
        return with_data([](const ModelData& data) { return Encoding(data); });
    }
};

}  // namespace ctxpack::sentencepiece
