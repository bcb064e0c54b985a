"""Parts that are no plain text count by what the model reads in them."""

from base64 import b64encode
from typing import Any

import pytest

from ctxpack import Prompt, count
from tests.tokens.test_images import GIF, PNG, encoded

MODEL = "claude-opus-4-6"
TEXT = "The quick brown fox jumps over the lazy dog. " * 100
TOKENS = count(TEXT, model=MODEL)


def tokens(*parts: dict[str, Any], model: str = MODEL, dialect: str = "anthropic.messages") -> int:
    """Tokens of some parts, by the difference that they make to a message."""
    first = {"type": "text", "text": "x"}
    body = {"model": model, "messages": [{"role": "user", "content": [first, *parts]}]}
    alone = {"model": model, "messages": [{"role": "user", "content": [first]}]}
    return Prompt.parse(body, dialect).tokens - Prompt.parse(alone, dialect).tokens


def result(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": "t", "content": list(parts)}


PART = {"type": "text", "text": TEXT}
CARRIERS: dict[str, dict[str, Any]] = {
    "text": {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": TEXT}},
    "content": {"type": "document", "source": {"type": "content", "content": [PART]}},
    "content as a string": {"type": "document", "source": {"type": "content", "content": TEXT}},
    "base64": {
        "type": "document",
        "source": {"type": "base64", "media_type": "text/plain", "data": b64encode(TEXT.encode()).decode()},
    },
    "search result": {"type": "search_result", "source": "", "title": "", "content": [PART]},
}


@pytest.mark.parametrize("part", CARRIERS.values(), ids=CARRIERS)
def test_text_in_any_part_counts_as_text(part: dict[str, Any]) -> None:
    assert tokens(part) == TOKENS
    assert tokens(result(PART, part)) == 2 * TOKENS


def test_titles_count() -> None:
    assert tokens(CARRIERS["text"] | {"title": "Fox", "context": "Dog"}) == TOKENS + 2


def test_a_file_that_only_the_provider_reads_has_a_flat_figure() -> None:
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
    assert tokens(pdf) == tokens({"type": "container_upload", "file_id": "f"}) == 1568


def test_an_image_counts_by_its_size() -> None:
    png = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": encoded(PNG)}}
    linked = {"type": "image", "source": {"type": "url", "url": "https://x.example/i.png"}}
    assert tokens(png) == tokens(result(png)) == 23 * 18
    assert tokens(linked) == 37 * 37
    assert tokens({"type": "document", "source": {"type": "content", "content": [png, PART]}}) == 23 * 18 + TOKENS


@pytest.mark.parametrize(
    ("detail", "cost"), [({}, 85 + 4 * 170), ({"detail": "high"}, 85 + 4 * 170), ({"detail": "low"}, 85)]
)
def test_detail_counts(detail: dict[str, str], cost: int) -> None:
    wide = GIF.replace(b"\x80\x02\xe0\x01", b"\x00\x04\x00\x04")
    for url in (f"data:image/gif;base64,{encoded(wide)}", "https://x.example/i.gif"):
        part = {"type": "image_url", "image_url": {"url": url, **detail}}
        assert tokens(part, model="gpt-4o", dialect="openai.chat") == cost


def test_where_no_rule_is_known_an_image_has_a_flat_figure() -> None:
    part = {"type": "image_url", "image_url": f"data:image/png;base64,{encoded(PNG)}"}
    assert tokens(part, model="qwen3-32b", dialect="openai.chat") == 1000


def test_a_tool_found_by_search_counts_as_what_it_is() -> None:
    assert tokens(result({"type": "tool_reference", "tool_name": "weather"})) < 20


def test_signatures_and_encrypted_thoughts_cost_nothing() -> None:
    thought = {"type": "thinking", "thinking": "so", "signature": "Ab3" * 700}
    assert tokens(thought) == 1
    assert tokens({"type": "redacted_thinking", "data": "Ab3" * 700}) == 0


def test_reasoning_of_other_sellers_counts_without_its_signature() -> None:
    def said(more: dict[str, Any]) -> int:
        message = {"role": "assistant", "content": "x", **more}
        return Prompt.parse({"model": "gpt-4o", "messages": [message]}, "openai.chat").tokens

    details = [{"type": "reasoning.text", "text": "so", "signature": "Ab3" * 700}, {"type": "x", "data": "Ab3" * 700}]
    assert said({"reasoning": "so"}) == said({"reasoning_details": details}) == said({}) + 1
