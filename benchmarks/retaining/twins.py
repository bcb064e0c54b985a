"""Slow and obvious twins of the usual ways to choose sentences. Each returns the sentences that fit, in their order."""

import math
import random
import re
import statistics
from collections import Counter
from importlib import import_module

from benchmarks.retaining.cases import sentences
from ctxpack.tokens import encoding

Query = dict[str, float]  # terms and what each counts

count = encoding("o200k_base").count


def fill(pieces: list[str], order: list[int], budget: int) -> str:
    """The pieces in that order, as long as they fit; in the order of the text."""
    kept = []
    for number in order:
        tokens = count(pieces[number] + "\n")
        if tokens <= budget:
            budget -= tokens
            kept.append(number)
    return "\n".join(pieces[number] for number in sorted(kept))


def head_and_tail(text: str, query: str, budget: int) -> str:
    pieces = sentences(text)
    front = fill(pieces, list(range(len(pieces))), budget // 2)
    return front + "\n" + fill(pieces, list(reversed(range(len(pieces)))), budget - count(front + "\n"))


def by_bm25(text: str, query: str, budget: int, *, expanded: bool = False) -> str:
    pieces = sentences(text)
    documents = [Counter(terms(piece)) for piece in pieces]
    asked: Query = dict(Counter(terms(query)))
    if expanded:
        asked = expand(asked, documents)
    scores = bm25(asked, documents)
    return fill(pieces, sorted(range(len(pieces)), key=lambda number: -scores[number]), budget)


def terms(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def weights(documents: list[Counter[str]]) -> dict[str, float]:
    frequencies = Counter(term for document in documents for term in document)
    return {term: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for term, n in frequencies.items()}


def bm25(asked: Query, documents: list[Counter[str]]) -> list[float]:
    weight = weights(documents)
    mean = statistics.mean(document.total() for document in documents)
    return [
        sum(
            n * weight[term] * document[term] * 2.2 / (document[term] + 1.2 * (0.25 + 0.75 * document.total() / mean))
            for term, n in asked.items()
            if term in document
        )
        for document in documents
    ]


def expand(asked: Query, documents: list[Counter[str]], best: int = 5, added: int = 15) -> Query:
    """Rocchio's feedback: the weightiest terms of the best documents, at half the weight of the query's own."""
    scores, weight = bm25(asked, documents), weights(documents)
    gains: Query = dict.fromkeys(weight, 0.0)
    for number in sorted(range(len(documents)), key=lambda number: -scores[number])[:best]:
        for term in documents[number]:
            gains[term] += scores[number] * weight[term]
    top = sorted(gains, key=lambda term: -gains[term])[:added]
    return asked | {term: asked.get(term, 0) + 0.5 * gains[term] / (gains[top[0]] or 1) for term in top}


def at_random(text: str, query: str, budget: int) -> str:
    pieces = sentences(text)
    return fill(pieces, random.Random(len(text)).sample(range(len(pieces)), len(pieces)), budget)


def textrank(text: str, query: str, budget: int, damping: float = 0.85, rounds: int = 30) -> str:
    """Sentences by PageRank over the words that they share; the query plays no part. O(sentences^2)."""
    numpy = import_module("numpy")
    pieces = sentences(text)
    documents = [Counter(terms(piece)) for piece in pieces]
    columns = {term: at for at, term in enumerate(dict.fromkeys(term for document in documents for term in document))}
    words = numpy.zeros((len(pieces), len(columns)), dtype=numpy.float32)
    for row, document in enumerate(documents):
        words[row, [columns[term] for term in document]] = 1
    lengths = numpy.log1p(words.sum(axis=1))
    shared = words @ words.T / numpy.maximum(lengths[:, None] + lengths, 1e-9)
    numpy.fill_diagonal(shared, 0)
    shared /= numpy.maximum(shared.sum(axis=1, keepdims=True), 1e-9)
    ranks = numpy.full(len(pieces), 1 / len(pieces))
    for _ in range(rounds):
        ranks = (1 - damping) / len(pieces) + damping * ranks @ shared
    return fill(pieces, [int(number) for number in numpy.argsort(-ranks, kind="stable")], budget)
