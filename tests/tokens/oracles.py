"""Encodings as the libraries of their makers run them, from the bundled tokens: tiktoken and Hugging Face's tokenizers.

The tokens' own hashes are tested elsewhere; here the libraries find merges, pretokens and normal forms by themselves.
"""

from collections.abc import Callable
from functools import cache

import tiktoken
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from ctxpack.tokens import Encoding, encoding
from ctxpack.tokens.importing import _byte_alphabet
from ctxpack.tokens.library import bundled
from ctxpack.tokens.vocabulary import Vocabulary

Encode = Callable[[str], list[int]]

TIKTOKEN = ["p50k_base", "r50k_base", "o200k_harmony", "tekken", "kimi_k2"]
HUGGING_FACE = ["qwen3", "qwen3.5", "deepseek_v3", "glm4", "glm5", "minimax"]


@cache
def oracle(name: str) -> tuple[Encoding, Encode]:
    """An encoding of ours and the library's function that it must equal."""
    make = by_tiktoken if name in TIKTOKEN else by_hugging_face
    return encoding(name), make(bundled(name))


def by_tiktoken(vocabulary: Vocabulary) -> Encode:
    ranks = {text: token for token, text in vocabulary.tokens().items()}
    (pattern,) = vocabulary.about.regexes
    return tiktoken.Encoding("oracle", pat_str=pattern, mergeable_ranks=ranks, special_tokens={}).encode_ordinary


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
    letters = {byte: letter for letter, byte in _byte_alphabet().items()}
    vocab = {"".join(map(letters.__getitem__, text)): token for token, text in tokens.items()}
    merges = []
    for text in sorted(vocab, key=vocab.__getitem__):
        halves = ((text[:at], text[at:]) for at in range(1, len(text)))
        merges += [(left, right) for left, right in halves if left in vocab and right in vocab]
    return vocab, merges
