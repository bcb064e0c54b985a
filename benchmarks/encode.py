"""Encoding speed, to a buffer of token ids, beside tiktoken and, where installed, fastokens and gigatoken.

Run: python benchmarks/encode.py [encoding] [name=path ...]

Corpora and ways to time are those of count.py, beside this file: unseen and seen text, CPU time of the process, each
tokenizer on each document in turn. Every number of ids must equal tiktoken's, and in a document of each corpus every
id.
"""

import os
import sys

from count import DOCUMENT, Count, corpora, measure, report, tiktoken_encoding, tokenizers, use_tiktoken

from ctxpack.tokens import encoding


def use_ctxpack(name: str) -> Count:
    encode = encoding(name).encode
    return lambda text: len(encode(text))


def check_ids(name: str, text: str) -> None:
    if list(encoding(name).encode(text)) != tiktoken_encoding(name).encode_ordinary(text):
        raise SystemExit("an id is wrong")


def main() -> None:
    name, *arguments = sys.argv[1:] or ["o200k_base"]
    encoders = {label: count for label, count in tokenizers(name).items() if not label.startswith("toktok")}
    encoders |= {label: use_ctxpack(name) for label in encoders if label.startswith("ctxpack")}
    print(f"{name} to ids, MB/s of UTF-8 (ratio to tiktoken), CPU time, {os.cpu_count()} cores")
    print(f"{'corpus':10} {'tokenizer':18}{'unseen':>9} {'':8}{'seen':>9}")
    losses = []
    for corpus, text in corpora(name, arguments).items():
        check_ids(name, text[:DOCUMENT])
        losses += report(corpus, measure(encoders, text, use_tiktoken(name)))
    print("every number of ids equals tiktoken's")
    print("ctxpack loses: " + ("; ".join(losses) or "nowhere"))


if __name__ == "__main__":
    main()
