"""Law 13: a session holds hashes and recipes, no prompts, and a request costs what is new in it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from ctxpack.packing import Packed, Policy, Session
from ctxpack.prompts import counting
from ctxpack.tokens import TokenOffsets, encoding_for

from . import laws
from .conversations import MODELS, Step, bodies, working
from .forgetting import forgetting
from .policies import BOTH, COMPACTING
from .test_branches import Elsewhere, weight

POLICIES = pytest.mark.parametrize("policy", ["lossless", COMPACTING, BOTH], ids=["lossless", "compacting", "both"])
# Forms of a text that are counted, and the text itself.
FORMS = 12
DIALECTS = pytest.mark.parametrize("dialect", sorted(MODELS))


def longer(steps: list[Step], factor: int) -> list[Step]:
    """The same conversation with lines so many times as long."""
    words = " and so on" * 5 * factor
    return [
        replace(step, said=step.said + words, results=[padded(text, words) for text in step.results]) for step in steps
    ]


def padded(text: object, words: str) -> object:
    is_json = not isinstance(text, str) or text[:1] in "[{"
    return text if is_json else "\n".join(line + words for line in text.split("\n"))


def held(steps: list[Step], dialect: str, policy: str | Policy) -> tuple[int, int]:
    """Bytes that a session holds at the end beside its store and the latest bodies, and bytes of its last report."""
    session = forgetting(MODELS[dialect], policy, Elsewhere())
    empty = weight(session, set())
    [*_, last] = laws.run(session, bodies(steps, dialect))
    return weight(session, set()) - empty, weight(last.report, set())


@POLICIES
@DIALECTS
def test_memory_grows_with_the_blocks_and_not_with_their_text(policy: str | Policy, dialect: str) -> None:
    """Longer lines lead to some more decisions, each as small as before. Counts of all these results are kept."""
    short, long = (held(longer(working(30, size=20), factor), dialect, policy) for factor in (4, 40))
    assert all(more < 1.3 * less for less, more in zip(short, long, strict=True))


@POLICIES
def test_memory_grows_no_faster_than_the_blocks(policy: str | Policy) -> None:
    sizes = [held(working(turns, size=12), "anthropic.messages", policy) for turns in (0, 20, 40, 60)]
    for first, *_, last in ([after - before for before, after in pairwise(kind)] for kind in zip(*sizes, strict=True)):
        assert last < 1.5 * first


class Measured:
    """An encoding that notes how many characters it has counted."""

    def __init__(self, model: str) -> None:
        self.encoding, self.characters = encoding_for(model), 0

    def count(self, text: str | bytes) -> int:
        self.characters += len(text)
        return self.encoding.count(text)

    def offsets(self, text: str) -> TokenOffsets:
        self.characters += len(text)
        return self.encoding.offsets(text)


def counted(requests: list[bytes], model: str, policy: object, measured: Measured) -> list[tuple[int, Packed]]:
    """Characters counted for each request, and what became of it."""
    session, found = Session(model, policy), []
    for number, data in enumerate(requests):
        before = measured.characters
        packed = session.pack(data, now=float(number))
        found.append((measured.characters - before, packed))
    return found


@POLICIES
@DIALECTS
def test_a_request_counts_only_what_is_new_in_it(
    policy: str | Policy, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = Measured(MODELS[dialect])
    monkeypatch.setattr(counting, "encoding_for", lambda model: measured)
    requests = [laws.dumped(body) for body in bodies(working(80, size=30), dialect)]
    found = counted(requests, MODELS[dialect], policy, measured)
    new = [len(data) - len(before) for before, data in pairwise(requests)]
    for size, (characters, packed) in zip(new, found[1:], strict=True):
        assert characters <= FORMS * size or packed.report.compacted
    assert measured.characters <= FORMS * len(requests[-1])
