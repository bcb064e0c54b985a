"""Shortened arguments: only long strings are cut, every other value stays as it was spelt. Clips within a budget."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.packing import MemoryOriginals
from ctxpack.packing.removal import Remover
from ctxpack.tokens import encoding

from .conversations import examples

NUMBERS = ["0", "-0.0", "1.50", "1E400", "1e-7", "12345678901234567890123", "-1.0E+2"]
LIMIT = 200
LONG = "some long text, \u00e9\ud83d\ude00 and more of it; " * 30

numbers = st.sampled_from(NUMBERS)
texts = st.one_of(st.text(max_size=9).map(json.dumps), st.sampled_from([json.dumps(LONG), '"\\ud83d\\ude00\\/"']))
values = st.recursive(
    st.one_of(numbers, texts, st.sampled_from(["true", "null", "{}", "[]"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(["a", "content", "path"]), inner, max_size=3).map(
            lambda members: "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"
        ),
    ),
    max_leaves=6,
)


def remover() -> Remover:
    return Remover(encoding("o200k_base").count, MemoryOriginals())


def read(text: str) -> Any:
    """A value with its numbers as they are spelt, and its objects as pairs."""
    return json.loads(
        text, parse_int=lambda n: ("number", n), parse_float=lambda n: ("number", n), object_pairs_hook=tuple
    )


def is_cut(before: Any, after: Any) -> bool:
    if isinstance(before, str):
        return after == before or (len(before) > LIMIT and after.startswith(before[:LIMIT]) and "[ctxpack" in after)
    if isinstance(before, list | tuple):
        same = type(before) is type(after) and len(before) == len(after)
        return same and all(is_cut(one, other) for one, other in zip(before, after, strict=True))
    return before == after


@examples(60)
@given(values)
def test_only_long_strings_are_cut(value: object) -> None:
    arguments = f'{{"first": {value}, "content": {json.dumps(LONG)}, "last": {value}}}'
    one = remover()
    rewrite = one.shorten(arguments, LIMIT)
    assert rewrite is not None
    assert is_cut(read(arguments), read(rewrite.recipe.apply(arguments)))
    assert one.originals.get(rewrite.handle) == arguments


@pytest.mark.parametrize(
    "arguments", ['{"a": 1, "a": "%s"}', '{"a": {"b": 1, "b": 2}, "c": "%s"}', '{"a": NaN, "c": "%s"}', '["%s"', "%s"]
)
def test_what_would_lose_a_value_stays_whole(arguments: str) -> None:
    assert remover().shorten(arguments % ("long text " * 90), LIMIT) is None


@pytest.mark.parametrize("indent", [None, 20])
def test_arguments_are_counted_by_value(indent: int | None) -> None:
    """The white space that a client sends is not billed: what looks shorter than that alone is not."""
    just_longer = json.dumps({"content": LONG[: LIMIT + 49], "rows": list(range(50))}, indent=indent)
    assert remover().shorten(just_longer, LIMIT) is None
    rewrite = remover().shorten(json.dumps({"content": LONG, "rows": list(range(50))}, indent=indent), LIMIT)
    assert rewrite.tokens_before == encoding("o200k_base").count(
        json.dumps({"content": LONG, "rows": list(range(50))}, ensure_ascii=False, separators=(",", ":"))
    )


@pytest.mark.parametrize("budget", [60, 200, 700])
def test_a_clip_keeps_whole_lines_and_fills_its_budget(budget: int) -> None:
    text = "".join(f"line {number} of a long log\n" for number in range(400))
    one = remover()
    rewrite = one.clip(text, budget)
    assert rewrite is not None
    shown = rewrite.recipe.apply(text)
    head, note, tail = re.split(r"(\[ctxpack:.*\]\n)", shown)
    assert text.startswith(head)
    assert text.endswith(tail)
    assert head.endswith("\n")
    assert tail.startswith("line ")
    assert f" {len(text) - len(head + tail)} characters left out" in note
    assert budget - 20 < rewrite.tokens_after == one.count(shown) <= budget


def test_a_line_without_an_end_is_clipped_in_its_middle() -> None:
    text = "word " * 400
    rewrite = remover().clip(text, 100)
    assert rewrite is not None
    head, tail = re.split(r"\[ctxpack:.*\]\n", rewrite.recipe.apply(text))
    assert len(head) == len(tail) > 100
    assert remover().clip(text, 5) is None, "not even the note fits"
