"""Recorded requests with the provider's own usage, where the folder that holds them lies beside the checkout."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"

needs_data = pytest.mark.skipif(not DATA.exists(), reason="the recorded data is not beside the checkout")


class Recorded(NamedTuple):
    """One recorded request: its cassette, its dialect, the body and the usage."""

    cassette: str
    dialect: str
    host: str
    body: dict[str, Any]
    usage: dict[str, Any]


@cache
def recorded() -> list[Recorded]:
    """Every request of a supported dialect; none where the folder is missing."""
    return list(_read()) if DATA.exists() else []


def _read() -> Iterator[Recorded]:
    for path in sorted((DATA / "provider_cassettes").glob("*.jsonl")):
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
