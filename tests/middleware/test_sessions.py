"""What all adapters hand to their sessions."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import fail_after, from_thread, to_thread

from ctxpack.errors import PolicyError, UnknownModelError
from ctxpack.middleware import sessions as sessions_module
from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.middleware.openai import async_http_client, http_client
from ctxpack.middleware.sessions import Sessions
from ctxpack.packing.packer import Packer
from ctxpack.providers import Price, Usage
from tests.middleware.conversations import openai_messages

ADAPTERS = pytest.mark.parametrize("adapter", [Sessions, CtxpackMiddleware, http_client, async_http_client])

BODY = {"model": "gpt-4o", "messages": openai_messages(3)}


def sessions_of(made: Any) -> Sessions:
    return made if isinstance(made, Sessions) else made.sessions


@ADAPTERS
def test_a_name_stands_for_its_model(adapter: Callable[..., Any]) -> None:
    sessions = sessions_of(adapter(models={"our-assistant": "gpt-4o"}))
    assert sessions.session("our-assistant") is sessions.session("gpt-4o")


def test_only_the_models_that_were_used_last_keep_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "_SESSIONS", 2)
    sessions = Sessions()
    kept, left = sessions.session("gpt-4o"), sessions.session("gpt-4.1")
    sessions.session("gpt-4o")
    sessions.session("gpt-5.1")
    assert list(sessions.calibrations) == ["gpt-4o", "gpt-5.1"]
    assert sessions.session("gpt-4o") is kept
    assert sessions.session("gpt-4.1") is not left


def test_the_log_says_which_model_is_not_known_and_which_budget_is_missed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "ctxpack.middleware")
    sessions = Sessions(budget=5)
    assert sessions.pack(BODY | {"model": "nonsense-9"}, "openai.chat") is None
    assert sessions.pack(BODY, "openai.chat") is None
    assert sessions.pack(BODY | {"messages": [{"role": "a secret"}]}, "openai.chat") is None
    assert "nonsense-9" in caplog.text
    assert "the budget is 5;" in caplog.text
    assert "BodyError" in caplog.text
    assert "secret" not in caplog.text
    kinds = "UnknownModelError", "BudgetError", "BodyError"
    assert dict(sessions.reasons) == {f"not packed: {kind}": 1 for kind in kinds}


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        ({"completion_tokens": 2}, "prompt_tokens is missing"),
        ({"prompt_tokens": "a secret", "completion_tokens": 2}, "prompt_tokens must be an integer, not str"),
        ({"prompt_tokens_details": "a secret"}, "expected an object around 'cached_tokens', not str"),
    ],
)
def test_the_log_says_which_counter_an_answer_lacks(
    caplog: pytest.LogCaptureFixture, usage: dict[str, object], said: str
) -> None:
    caplog.set_level("DEBUG", "ctxpack.middleware")
    sessions = Sessions()
    sessions.answered(sessions.pack(BODY, "openai.chat"))(usage)
    assert dict(sessions.reasons) == {"usage not recorded: UsageError": 1}
    assert said in caplog.text
    assert "secret" not in caplog.text


def test_the_log_does_not_quote_what_errors_of_others_say(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG", "ctxpack.middleware")
    monkeypatch.setattr(sessions_module, "model_of", lambda body: int("a secret"))
    assert Sessions().pack(BODY, "openai.chat") is None
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


@ADAPTERS
def test_settings_that_could_never_pack_are_refused_at_once(adapter: Callable[..., Any]) -> None:
    for budget in (0, -1, 1.5, "100"):
        with pytest.raises(PolicyError, match="budget"):
            adapter(budget=budget)
    with pytest.raises(PolicyError, match="time-out"):
        adapter(summarizer_timeout=0)
    with pytest.raises(UnknownModelError, match="nonsense-9"):
        adapter(models={"our-assistant": "nonsense-9"})


@ADAPTERS
def test_a_price_of_the_users_own_counts_in_its_own_currency(adapter: Callable[..., Any]) -> None:
    free = Price(input=0.0, output=0.0, currency="CNY")
    sessions = sessions_of(adapter(price=free, provider="anyone"))
    sent = sessions.pack(BODY, "openai.chat")
    assert sent.packed.report.currency == "CNY"
    sessions.answered(sent)
    assert sessions.totals["CNY"].expected_before == 0


def test_what_was_counted_may_be_read_while_more_is() -> None:
    sessions = Sessions()
    sessions.answered(sessions.pack(BODY, "openai.chat"))
    sessions.note("one")
    before = sessions.totals
    for _ in zip(sessions.reasons, sessions.totals, sessions.calibrations, strict=True):
        sessions.note("two")
        sessions.answered(sessions.pack(BODY | {"model": "gpt-5.1"}, "openai.chat"))
    assert dict(sessions.reasons) == {"one": 1, "two": 1}
    assert (before["USD"].requests, sessions.totals["USD"].requests) == (1, 2)
    assert set(sessions.calibrations) == {"gpt-4o", "gpt-5.1"}


def test_what_answers_were_billed_is_summed_by_model_and_class() -> None:
    sessions = Sessions(models={"our-assistant": "gpt-4o"})
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 64}}
    for _ in range(2):
        sessions.answered(sessions.pack(BODY | {"model": "our-assistant"}, "openai.chat"))(usage)
    assert {model: known.usage for model, known in sessions.calibrations.items()} == {
        "gpt-4o": Usage(uncached=72, cache_read=128, output=10)
    }


def test_totals_are_over_the_sessions_of_all_models() -> None:
    sessions = Sessions()
    assert repr(sessions) == "<Sessions: no requests>"
    sent = [sessions.pack(BODY | {"model": model}, "openai.chat") for model in ("gpt-4o", "gpt-5.1", "gpt-4o")]
    assert sessions.pack({"model": "unheard-of"}, "openai.chat") is None
    assert not sessions.totals, "none was answered"
    for one in sent:
        sessions.answered(one)
    reports = [one.packed.report for one in sent]
    total = sessions.totals["USD"]
    assert list(sessions.totals) == ["USD"]
    assert total.requests == 3
    assert total.tokens_before == sum(report.tokens_before for report in reports)
    assert total.tokens_after == sum(report.tokens_after for report in reports) < total.tokens_before
    assert total.expected_before == pytest.approx(sum(report.expected_before for report in reports))
    assert total.expected_after == pytest.approx(sum(report.expected_after for report in reports))
    assert repr(sessions).startswith(f"<Sessions: 3 packed, {total.tokens_before:,} -> {total.tokens_after:,} tokens, ")
    assert repr(sessions).endswith(" USD expected; 1 not packed: UnknownModelError>")


@ADAPTERS
def test_what_packs_says_what_it_did(adapter: Callable[..., Any]) -> None:
    made = adapter()
    sessions_of(made).answered(sessions_of(made).pack(BODY, "openai.chat"))
    assert "<Sessions: 1 packed, " in repr(made)
    assert repr(sessions_of(made).session("gpt-4o")) == "<Session gpt-4o, lossless: 0 requests recorded>"


def test_where_no_event_loop_runs_the_request_goes_out_as_it_is() -> None:
    sessions = Sessions()
    with pytest.raises(StopIteration) as returned:
        sessions.pack_async(BODY, "openai.chat").send(None)
    assert returned.value.value is None
    assert [reason.partition(":")[0] for reason in sessions.reasons] == ["not packed"]


def test_the_session_used_longest_ago_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "_SESSIONS", 2)
    sessions = Sessions()
    first = sessions.session("gpt-4o")
    sessions.session("gpt-5.1")
    assert sessions.session("gpt-4o") is first
    sessions.session("gpt-4.1")
    assert list(sessions.calibrations) == ["gpt-4o", "gpt-4.1"]
    assert sessions.session("gpt-4o") is first


def test_an_event_loop_goes_on_while_a_request_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, packing, free, plain = Sessions(), threading.Event(), threading.Event(), Packer.pack
    went_on: list[bool] = []

    def slow(*given: Any) -> Any:
        packing.set()
        went_on.append(free.wait(20))
        return plain(*given)

    async def run() -> None:
        earlier = sessions.pack(BODY, "openai.chat")
        monkeypatch.setattr(Packer, "pack", slow)
        sending = asyncio.create_task(sessions.pack_async(BODY, "openai.chat"))
        await asyncio.to_thread(packing.wait, 20)
        sessions.answered(earlier)({"prompt_tokens": 100, "completion_tokens": 2})
        free.set()
        assert (await sending).packed.report.tokens_after

    asyncio.run(run())
    assert went_on == [True]
    assert sessions.session("gpt-4o").calibration.requests == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_request_waits_for_no_thread_that_waits_for_its_answer(backend: str) -> None:
    pytest.importorskip(backend)
    sessions = Sessions()

    async def run() -> object:
        to_thread.current_default_thread_limiter().total_tokens = 1
        with fail_after(20):
            return await to_thread.run_sync(from_thread.run, sessions.pack_async, BODY, "openai.chat")

    assert anyio.run(run, backend=backend)
    assert anyio.run(run, backend=backend)


def test_another_process_that_writes_holds_no_request_up_for_long(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sessions_module, "_TIMEOUT", 0.1)
    sessions = Sessions(store=tmp_path / "store.db")
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert sessions.pack(BODY, "openai.chat") is None
    assert time.monotonic() - began < 10
    assert dict(sessions.reasons) == {"not packed: StoreError": 1}
