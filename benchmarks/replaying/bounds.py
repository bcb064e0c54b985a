"""Lower bounds: what no policy can go below that shows each turn what it refers to. Computed, not replayed.

Deletion is free and needs no marker. User text always stays; lines of results (and, where `own` says so, of what the
assistant said) enter with their message, or just before they are quoted, and vanish after they were quoted last.
"""

from itertools import pairwise

from benchmarks.replaying.messages import Message
from benchmarks.replaying.needs import Text, needs
from benchmarks.replaying.score import PRICES


def bounds(requests: list[list[Message]], framing: list[int]) -> dict[str, dict[str, float]]:
    """The bill in input tokens by bound and price, without a constant block.

    Args:
        requests: the messages of each.
        framing: tokens of each request that are no text: roles, names and ids of calls.
    """
    texts, own = needs(requests), needs(requests, own=True)
    return {
        "entry": _priced(texts, framing, ("result",), just_in_time=False),
        "just in time": _priced(texts, framing, ("result",), just_in_time=True),
        "own text may go too": _priced(own, framing, ("result", "assistant"), just_in_time=True),
    }


def _priced(texts: list[Text], framing: list[int], shrinking: tuple[str, ...], just_in_time: bool) -> dict[str, float]:
    entering = [now - before for before, now in zip([0, *framing], framing, strict=False)]
    for text in texts:
        if text.said.role not in shrinking:
            entering[text.entered] += text.tokens
    lines = [(text, line) for text in texts if text.said.role in shrinking for line in text.uses]
    found = {}
    for name, (write, read) in PRICES.items():
        standing = sum(tokens * (write + read * after) for after, tokens in enumerate(reversed(entering)))
        found[name] = standing + sum(_line(text, line, write, read, just_in_time) for text, line in lines)
    return found


def _line(text: Text, line: int, write: float, read: float, just_in_time: bool) -> float:
    tokens, uses = text.line_tokens[line], text.uses[line]
    if not just_in_time:
        return tokens * (write + read * (uses[-1] - text.entered))
    gaps = (later - earlier for earlier, later in pairwise(uses))
    return tokens * (write + sum(min(write, read * gap) for gap in gaps))
