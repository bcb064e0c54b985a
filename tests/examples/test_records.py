"""The bundled records: parsable, append-only, paired, marked as simulated, and free of the machine they come from."""

import json
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ctxpack import Prompt, diff
from ctxpack.providers import Usage, cache_rules, read_usage

EXAMPLES = Path(__file__).parents[2] / "examples"
DIALECTS = {"agent.anthropic.jsonl": "anthropic.messages", "agent.openai.jsonl": "openai.chat"}
MACHINE = re.compile(r"(?<![\w.*])/(?:home|root|tmp|Users|private|var|opt|usr|mnt|work)/|[A-Z]:\\\\|/site-packages/")

pytestmark = pytest.mark.parametrize("name", DIALECTS)


@cache
def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines()]


@cache
def prompts(name: str) -> list[Prompt]:
    return [Prompt.parse(record["request"]) for record in records(name)]


def usages(name: str) -> list[Usage]:
    return [read_usage(record["usage"], DIALECTS[name]) for record in records(name)]


def test_there_are_many_requests_in_the_right_dialect(name: str) -> None:
    assert len(records(name)) >= 60
    assert {prompt.dialect for prompt in prompts(name)} == {DIALECTS[name]}
    assert (EXAMPLES / name).stat().st_size < 2_700_000


def test_every_record_says_that_it_is_simulated(name: str) -> None:
    assert all(record["simulated"] is True for record in records(name))
    assert {record["session"] for record in records(name)} == {f"agent-{DIALECTS[name]}"}


def test_history_only_grows(name: str) -> None:
    for earlier, later in pairwise([record["request"]["messages"] for record in records(name)]):
        assert len(later) > len(earlier)
        assert later[: len(earlier)] == earlier


def test_the_prefix_parts_once_where_a_tool_is_added(name: str) -> None:
    found = [parted for earlier, later in pairwise(prompts(name)) if (parted := diff(earlier, later))]
    assert [(parted.cause, parted.detail) for parted in found] == [("tool added", "changelog_entry")]


def test_every_call_has_one_result_in_the_next_message(name: str) -> None:
    blocks = prompts(name)[-1].blocks
    calls = [block for block in blocks if block.kind == "tool_use"]
    results = [block for block in blocks if block.kind == "tool_result"]
    assert [block.call_id for block in calls] == [block.call_id for block in results]
    assert len({block.call_id for block in calls}) == len(calls) > 60
    assert all(call.message < result.message for call, result in zip(calls, results, strict=True))


def test_the_agent_reads_again_and_fails_sometimes(name: str) -> None:
    texts = [block.text for block in prompts(name)[-1].blocks if block.kind == "tool_result"]
    assert len(set(texts)) < len(texts)
    assert sum("exit code 1" in text for text in texts) >= 3
    assert any(text.startswith(("[\n", "{\n")) for text in texts)


def test_the_cache_is_missed_after_the_break_and_after_the_new_tool_only(name: str) -> None:
    reads = [usage.cache_read for usage in usages(name)]
    warm = next(place for place, read in enumerate(reads) if read)
    misses = [place for place, read in enumerate(reads) if place > warm and not read]
    times = [record["time"] for record in records(name)]
    tools = [len(record["request"]["tools"]) for record in records(name)]
    lifetime = cache_rules(records(name)[0]["request"]["model"]).ttl
    late = [place for place in range(1, len(times)) if times[place] - times[place - 1] > lifetime]
    changed = [place for place in range(1, len(tools)) if tools[place] != tools[place - 1]]
    assert len(late) == len(changed) == 1
    assert misses == sorted([*late, *changed])


def test_the_usage_is_what_ctxpack_counts_today(name: str) -> None:
    assert [usage.input for usage in usages(name)] == [prompt.tokens for prompt in prompts(name)]
    assert all(usage.output > 0 for usage in usages(name))


def test_nothing_tells_of_the_machine(name: str) -> None:
    found = MACHINE.search((EXAMPLES / name).read_text(encoding="utf-8"))
    assert found is None, found
