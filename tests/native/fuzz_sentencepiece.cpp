// Fuzzes models and texts together. The input is read as a model (flags, pieces, character rules) and a text; what is
// no model must be refused, and what is one must count as many tokens as it encodes. Run by tools/fuzz.py.
#include <stdexcept>

#include "fuzz_input.hpp"
#include "levels.hpp"
#include "part_checks.hpp"
#include "require.hpp"
#include "sentencepiece_models.hpp"
#include "trellis_checks.hpp"
#include "unicode/utf8.hpp"

namespace {

using namespace ctxpack::sentencepiece;
using ctxpack::tests::Input;
using ctxpack::tests::require;

// A trie, of 1 to 16 blocks of which a few units are given, and replacements; or nothing.
std::string rules(Input& input) {
    constexpr std::size_t kBlock = 1024, kUnit = 4;
    const std::size_t units = input.byte();
    if (units == 0) return {};
    const std::size_t blocks = 1 + (input.byte() & 15);
    std::string trie(blocks * kBlock, '\0');
    for (std::size_t left = units; left > 0; --left) {
        const std::size_t block = input.byte() % blocks, at = block * kBlock + input.byte() * kUnit;
        trie.replace(at, kUnit, (input.take(kUnit) + std::string(kUnit, '\0')).substr(0, kUnit));
    }
    std::string blob{0, static_cast<char>(4 * blocks), 0, 0};
    blob += trie + input.take(input.byte());
    return blob + '\0';
}

Model model_of(Input& input) {
    Model model;
    const unsigned flags = input.byte();
    model.type = flags & 1 ? ModelType::unigram : ModelType::bpe;
    model.add_dummy_prefix = flags & 2;
    model.remove_extra_whitespaces = flags & 4;
    model.escape_whitespaces = flags & 8;
    model.whitespace_as_suffix = flags & 16;
    if (flags & 32) model.add_bytes();
    if (flags & 64) model.add("<unk>", 0, PieceType::unknown);
    model.charsmap = rules(input);
    for (unsigned left = input.byte(); left > 0; --left) {
        const unsigned shape = input.byte();
        const float score = static_cast<float>(static_cast<std::int8_t>(input.byte())) * (shape & 128 ? 1e3F : 1);
        model.add(input.take(shape >> 3 & 15), score, static_cast<PieceType>(shape & 7));
    }
    return model;
}

void check(const Encoding& encoding, const std::string& text) {
    const auto ids = encoding.encode(text);
    require(encoding.count(text) == ids.size(), "ids and count differ", text);
    require(encoding.encode(text) == ids, "the second time differs", text);
    encoding.decode(ids);
    encoding.decode_repaired(ids);
    require(ctxpack::tests::parts_hold(encoding, text), "parts differ", text);
    require(ctxpack::tests::repeats_hold(encoding, text, 50'000), "repeats differ", text);
}

// Short texts are counted by words.
void check_blocks(const Model& model, const std::string& text) {
#if defined(CTXPACK_X86_VECTORS)
    if (model.type != ModelType::unigram || !ctxpack::cpu::can_run(ctxpack::cpu::Level::avx512)) return;
    const Pieces pieces = model.with_data([](const ModelData& data) { return Pieces(data); });
    ctxpack::tests::blocks_held(Scores(pieces), text, 0);
#endif
}

void check(const Model& model, const std::string& text) {
    std::vector<ctxpack::TokenId> expected;
    for (const ctxpack::cpu::Level level : ctxpack::tests::levels()) {
        ctxpack::cpu::chosen_level = level;
        const Encoding encoding = model.encoding();
        if (level == ctxpack::cpu::Level::portable) expected = encoding.encode(text);
        require(encoding.encode(text) == expected, "another level differs", text);
        check(encoding, text);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const Model model = model_of(input);
    const std::string text = input.rest();
    if (!ctxpack::unicode::is_valid(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())) return -1;
    try {
        check(model, text);
        check_blocks(model, text);
    } catch (const std::invalid_argument&) {
    }
    return 0;
}
