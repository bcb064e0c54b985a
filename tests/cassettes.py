"""Recorded requests with the provider's own usage."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from tests.data import shared


class Recorded(NamedTuple):
    """One recorded request: its cassette, its dialect, the body and the usage."""

    cassette: str
    dialect: str
    host: str
    body: dict[str, Any]
    usage: dict[str, Any]


@cache
def recorded() -> list[Recorded]:
    """Every request of a supported dialect."""
    return list(_read())


def distinct() -> list[Recorded]:
    """The same without requests whose body was seen before: repeated ones would weigh more in an average."""
    return list({json.dumps(record.body, sort_keys=True): record for record in reversed(recorded())}.values())[::-1]


def billed(usage: dict[str, Any]) -> int:
    """Tokens of input that a usage of either dialect names, 0 where it names none."""
    names = ("prompt_tokens", "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(usage.get(name) or 0 for name in names)


def _read() -> Iterator[Recorded]:
    for path in sorted(shared("provider_cassettes").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            dialect = _dialect(record["uri"])
            if dialect and isinstance(record["request"], dict):
                host = record["uri"].split("/")[2]
                yield Recorded(record["cassette"], dialect, host, record["request"], record["usage"] or {})


def _dialect(uri: str) -> str:
    if "api.anthropic.com" in uri and "/v1/messages" in uri:
        return "anthropic.messages"
    return "openai.chat" if "/chat/completions" in uri else ""
