"""Encodings as the libraries of their makers run them, from the bundled tokens: tiktoken and Hugging Face's tokenizers.

The tokens' own hashes are tested elsewhere; here the libraries find merges, pretokens and normal forms by themselves.
"""

import unicodedata
from collections.abc import Callable
from functools import cache, partial

import tiktoken
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from ctxpack.tokens import Encoding, encoding
from ctxpack.tokens.byte_level import alphabet
from ctxpack.tokens.library import named
from ctxpack.tokens.vocabulary import Vocabulary

Encode = Callable[[str], list[int]]

TIKTOKEN = ["o200k_base", "cl100k_base", "p50k_base", "r50k_base", "o200k_harmony", "tekken", "kimi_k2", "qwen"]
HUGGING_FACE = ["qwen3", "qwen3.5", "deepseek_v3", "deepseek_v4", "glm4", "glm5", "minimax"]
# Not bundled; they need a package or file of their makers'.
PACKAGES = ["llama3", "llama4"]

# The three steps of DeepSeek V3's pattern as one, for tiktoken, which knows one: digits, Chinese and Japanese, and the
# rest, which sees no further than to the next of these; last, what the steps leave over.
_CJK = "一-龥\u3040-ゟ゠-ヿ"
_DEEPSEEK = "|".join(
    [
        r"\p{N}{1,3}",
        f"[{_CJK}]+",
        r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+""",
        rf"(?:[^\r\n\p{{L}}\p{{P}}\p{{S}}\p{{N}}{_CJK}])?[\p{{L}}\p{{M}}--[{_CJK}]]+",
        rf" ?[\p{{P}}\p{{S}}--[{_CJK}]]+[\r\n]*",
        r"\s*[\r\n]+",
        rf"\s+(?![^\s\p{{N}}{_CJK}])",
        r"\s+",
        rf"(?:[^\s\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}](?![\p{{L}}\p{{M}}--[{_CJK}]]))+",
    ]
)


@cache
def oracle(name: str) -> tuple[Encoding, Encode]:
    """An encoding of ours and the library's function that it must equal."""
    make = by_hugging_face if name in HUGGING_FACE else by_tiktoken
    return encoding(name), make(named(name))


def by_tiktoken(vocabulary: Vocabulary) -> Encode:
    """Exact for what tiktoken itself runs; near it for the others, and 5 to 10 times as fast as their own library."""
    encode = tiktoken_like(vocabulary).encode_ordinary
    if not vocabulary.about.normalization:
        return encode
    first = vocabulary.about.normalization == "NFC first"
    normal = partial(unicodedata.normalize, "NFC") if first else normalizers.NFC().normalize_str
    return lambda text: encode(text if text.isascii() else normal(text))


def tiktoken_like(vocabulary: Vocabulary) -> tiktoken.Encoding:
    """tiktoken with a family's tokens and pattern, without its normal form."""
    spares = set(vocabulary.spares)
    ranks = {text: token for token, text in vocabulary.tokens().items() if text not in spares}
    pattern = _DEEPSEEK if len(vocabulary.about.regexes) > 1 else vocabulary.about.regexes[0]
    return tiktoken.Encoding("oracle", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def by_hugging_face(vocabulary: Vocabulary) -> Encode:
    model = models.BPE(*vocabulary_and_merges(vocabulary.tokens()), ignore_merges=bool(vocabulary.wholes))
    tokenizer = Tokenizer(model)
    if vocabulary.about.normalization:
        tokenizer.normalizer = normalizers.NFC()
    steps = [pre_tokenizers.Split(Regex(regex), "isolated") for regex in vocabulary.about.regexes]
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*steps, whole])
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


def vocabulary_and_merges(tokens: dict[int, bytes]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Tokens in the byte-level alphabet, and every pair of them that makes a token, in order of that token's id."""
    letters = {byte: letter for letter, byte in alphabet().items()}
    vocab = {"".join(map(letters.__getitem__, text)): token for token, text in tokens.items()}
    merges = []
    for text in sorted(vocab, key=vocab.__getitem__):
        halves = ((text[:at], text[at:]) for at in range(1, len(text)))
        merges += [(left, right) for left, right in halves if left in vocab and right in vocab]
    return vocab, merges
