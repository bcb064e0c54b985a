"""Every spelling of a JSON body comes back byte for byte, and every span points at its own bytes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ctxpack import Prompt
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Span
from tests.cassettes import recorded
from tests.prompts.bodies import check_equal, respelled

Json = Any


def compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def reversed_keys(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def written(value: Json, name: Callable[[str], str], gap: str) -> str:
    """JSON with names of members spelled by `name` and white space wherever it may stand."""
    if isinstance(value, dict):
        items = (f"{gap}{name(key)}{gap}:{gap}{written(item, name, gap)}{gap}" for key, item in value.items())
        return "{" + ",".join(items) + gap + "}"
    if isinstance(value, list):
        return "[" + ",".join(gap + written(item, name, gap) + gap for item in value) + gap + "]"
    return json.dumps(value)


def escaped(key: str) -> str:
    """A name with every letter as an escape, as a careless proxy may write it."""
    return '"' + "".join(f"\\u{ord(letter):04X}" for letter in key) + '"' if key.isascii() else json.dumps(key)


def repeated(value: Json) -> str:
    """Every member twice; readers keep the last one."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:0,{json.dumps(k)}:{repeated(v)}" for k, v in value.items()) + "}"
    return "[" + ",".join(map(repeated, value)) + "]" if isinstance(value, list) else json.dumps(value)


SPELLINGS: dict[str, Callable[[Json], str]] = {
    "compact": compact,
    "indented": lambda value: json.dumps(value, indent=3),
    "odd white space": lambda value: "\r\n\t " + written(value, json.dumps, " \t\r\n") + "\n \n",
    "keys reversed": lambda value: compact(reversed_keys(value)),
    "keys sorted": lambda value: json.dumps(value, sort_keys=True),
    "keys escaped": lambda value: written(value, escaped, ""),
    "keys repeated": repeated,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_recorded_bodies_in_every_spelling(spelling: str) -> None:
    assert len(recorded()) > 800
    for record in recorded():
        data = SPELLINGS[spelling](record.body).encode()
        prompt = Prompt.parse(data)
        assert prompt.dump() == data
        assert prompt.dialect == record.dialect, record.cassette
        assert [at(record.body, block.path) for block in prompt.blocks] == [json.loads(b.raw) for b in prompt.blocks]
        for index, block in enumerate(prompt.blocks):
            span = prompt.span(index)
            assert data[span.start : span.stop] == block.raw


def at(body: Json, path: str) -> Json:
    """What stands at a block's path in the decoded body."""
    for step in path.replace("]", "").replace("[", ".").split("."):
        body = body[int(step)] if step.isdecimal() else body[step]
    return body


def test_every_spelling_has_the_same_blocks_and_tokens() -> None:
    for record in recorded()[::9]:
        plain = Prompt.parse(compact(record.body))
        for spelling in ("indented", "odd white space", "keys escaped", "keys repeated"):
            other = Prompt.parse(SPELLINGS[spelling](record.body))
            assert [(b.kind, b.path, b.text, b.breakpoint) for b in other.blocks] == [
                (b.kind, b.path, b.text, b.breakpoint) for b in plain.blocks
            ]
        indented = Prompt.parse(SPELLINGS["indented"](record.body))
        if plain.model in ("gpt-4o", "claude-sonnet-4-5"):
            assert fingerprint(indented).values == fingerprint(plain).values


def test_replacing_texts_changes_exactly_their_bytes() -> None:
    for record in recorded():
        data = SPELLINGS["odd white space"](record.body).encode()
        prompt = Prompt.parse(data)
        changed = prompt.replaced(respelled(prompt, lambda block, span: b'"!"')).dump()
        spans = sorted(span for index in range(len(prompt.blocks)) for span in strings_in_body(prompt, index))
        expected, end = b"", 0
        for span in spans:
            expected, end = expected + data[end : span.start] + b'"!"', span.stop
        assert changed == expected + data[end:]


def strings_in_body(prompt: Prompt, index: int) -> list[Span]:
    """Where the strings of a message's block stand in the body."""
    block = prompt.blocks[index]
    shift = prompt.span(index).start - block.span.start
    return [Span(span.start + shift, span.stop + shift) for span in block.strings if block.message >= 0]


@pytest.mark.parametrize("spelling", list(SPELLINGS))
@pytest.mark.parametrize("text", [b'""', b'"!"', b'"a text longer than most of those that it replaces"'])
def test_replaced_texts_give_the_prompt_that_a_parse_would(spelling: str, text: bytes) -> None:
    for record in recorded():
        prompt = Prompt.parse(SPELLINGS[spelling](record.body))
        changed = prompt.replaced(respelled(prompt, lambda block, span: text, lambda block: b"{}"))
        check_equal(changed, Prompt.parse(changed.dump(), prompt.dialect))


def test_a_body_may_end_without_anything_behind_it() -> None:
    for tail in ("", "\n", " \r\n"):
        data = b'{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}' + tail.encode()
        assert Prompt.parse(data).dump() == data
