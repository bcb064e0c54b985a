"""Equal hashes mean equal prefixes and the reverse, against a slow twin that keeps the prefixes themselves."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctxpack import Prompt, diff
from ctxpack.prefix import fingerprint
from ctxpack.prefix.fingerprint import wire_chain
from ctxpack.providers import prefix_parameters
from tests.cassettes import recorded
from tests.reference.prefix_chain import PARAMETERS, prefixes

MARK = {"cache_control": {"type": "ephemeral"}}
TEXT = st.sampled_from(["", "a", "b"])


def marked(part: dict[str, Any], name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from([part, part | {name: {"type": "ephemeral"}}, {name: {"ttl": "1h"}} | part])


def texts(name: str) -> st.SearchStrategy[Any]:
    part = TEXT.flatmap(lambda text: marked({"type": "text", "text": text}, name))
    return TEXT | st.lists(part, min_size=1, max_size=2)


TOOLS = st.lists(
    st.sampled_from("ab").flatmap(lambda name: marked({"name": name, "input_schema": {}}, "cache_control")), max_size=2
)
CLAUDE = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["claude-opus-5", "claude-opus-4-6"]),
        "max_tokens": st.integers(1, 2),
        "messages": st.lists(
            st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": texts("cache_control")}),
            min_size=1,
            max_size=3,
        ),
    },
    optional={
        "tools": TOOLS,
        "system": texts("cache_control"),
        "tool_choice": st.sampled_from([{"type": "any"}, None]),
    },
)
CHAT = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["gpt-4o", "gpt-5.6-sol"]),
        "messages": st.lists(
            st.fixed_dictionaries(
                {"role": st.sampled_from(["system", "user"]), "content": texts("prompt_cache_breakpoint")}
            ),
            min_size=1,
            max_size=3,
        ),
    },
    optional={"temperature": st.integers(0, 1), "reasoning_effort": st.sampled_from(["low", "high"])},
)


@st.composite
def neighbours(draw: st.DrawFn, bodies: st.SearchStrategy[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two bodies, the later with some members and first messages of the earlier, so that they share a prefix."""
    one, other = draw(bodies), draw(bodies)
    kept = draw(st.sets(st.sampled_from(sorted(one.keys() - {"messages"}))))
    messages = [*one["messages"][: draw(st.integers(0, 2))], *other["messages"]]
    return one, other | {"messages": messages} | {name: one[name] for name in kept}


def compare(one: dict[str, Any], other: dict[str, Any], dialect: str) -> None:
    chains = [list(wire_chain(Prompt.parse(body, dialect))) for body in (one, other)]
    twins = [prefixes(body, dialect) for body in (one, other)]
    assert [len(chain) for chain in chains] == [len(twin) for twin in twins]
    equal = [a == b for a, b in zip(*twins, strict=False)]
    assert [a == b for a, b in zip(*chains, strict=False)] == equal
    found = diff(Prompt.parse(one, dialect), Prompt.parse(other, dialect))
    assert (found.block if found else None) == (equal.index(False) if False in equal else None)


@settings(max_examples=300)
@given(neighbours(CLAUDE))
def test_the_chain_of_messages_equals_the_twins(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    compare(*pair, "anthropic.messages")


def chat(content: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}


@settings(max_examples=300)
@given(neighbours(CHAT))
@example((chat("a"), chat([{"type": "text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}}])))
def test_the_chain_of_chats_equals_the_twins(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    compare(*pair, "openai.chat")


@pytest.mark.parametrize("dialect", PARAMETERS)
def test_the_twin_knows_its_parameters_by_the_same_names(dialect: str) -> None:
    order = ("tools", "system", "messages")
    known = prefix_parameters(dialect.partition(".")[0])
    for name, level in PARAMETERS[dialect].items():
        assert order.index(known[name]) == level


def test_neighbours_of_recorded_runs_share_exactly_their_common_prefix() -> None:
    runs: dict[str, list[Any]] = {}
    for record in recorded():
        if record.dialect == "anthropic.messages":
            runs.setdefault(record.cassette, []).append(record.body)
    pairs = [(one, other) for bodies in runs.values() for one, other in pairwise(bodies)]
    assert len(pairs) > 40
    for one, other in pairs:
        chains = [list(wire_chain(Prompt.parse(body, "anthropic.messages"))) for body in (one, other)]
        twins = [prefixes(body, "anthropic.messages") for body in (one, other)]
        same = [sum(a == b for a, b in zip(*pair, strict=False)) for pair in (chains, twins)]
        assert same[0] == same[1]


def test_respelling_changes_the_bytes_and_not_the_value() -> None:
    part = {"type": "image", "source": {"type": "url", "url": "ü"}}
    body = {
        "model": "claude-opus-5",
        "max_tokens": 1,
        "tool_choice": {"type": "any", "x": 1},
        "tools": [],
        "messages": [],
    }
    body["messages"] = [{"role": "user", "content": [part]}]
    spellings = [
        json.dumps(body),
        json.dumps(body, ensure_ascii=False),
        json.dumps(body, indent=1),
        json.dumps(body | {"tool_choice": {"x": 1, "type": "any"}}),
    ]
    prompts = [Prompt.parse(spelling) for spelling in spellings]
    assert len({fingerprint(prompt).values for prompt in prompts}) == 1
    assert len({tuple(wire_chain(prompt)) for prompt in prompts}) == 4
    for other in prompts[1:]:
        found = diff(prompts[0], other)
        assert found is not None
        assert found.cause == "same value, different bytes"


def test_a_changed_parameter_changes_the_values_from_its_tier_on() -> None:
    body = {"model": "claude-opus-5", "max_tokens": 1, "system": "s", "messages": [{"role": "user", "content": "x"}]}
    one, other = (fingerprint(Prompt.parse(body | more)) for more in ({}, {"tool_choice": {"type": "any"}}))
    assert one.values[0] == other.values[0]
    assert one.values[1] != other.values[1]
