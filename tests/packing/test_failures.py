"""Law 10: any error inside leaves the body as it was, and nothing of a failed request outlives it."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import inf, nan
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from ctxpack.errors import HandleError, PolicyError, StoreError
from ctxpack.packing import Calibration, MemoryOriginals, Policy, Session, SQLiteOriginals
from ctxpack.packing import ledger as ledger_module
from ctxpack.packing import packer as packer_module
from ctxpack.packing import turn as turn_module
from ctxpack.packing.branch import Branch
from ctxpack.packing.lines import LineIndex
from ctxpack.packing.removal import Remover
from ctxpack.packing.rewrites import Pieces
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.summaries import condenser as condenser_module
from ctxpack.packing.summaries import gate as gate_module
from ctxpack.packing.summaries import stretch as stretch_module
from ctxpack.packing.summaries.condenser import Condenser
from ctxpack.packing.summaries.known import KnownSummaries
from ctxpack.packing.turn import RecentTurns, Turn
from ctxpack.providers import Usage

from . import laws
from .conversations import CLAUDE, GPT, bodies, working
from .policies import BOTH, COMPACTING

SECRET = "hunter2 from the prompt"
STEPS = [
    (turn_module, "fingerprint"),
    (turn_module, "texts"),
    (turn_module, "_entry"),
    (Turn, "write"),
    (RecentTurns, "nearest"),
    (RecentTurns, "add"),
    (ledger_module, "forecast_of"),
    (packer_module, "is_due"),
    (packer_module, "compact"),
    (packer_module, "removable"),
    (Shaper, "shape"),
    (Branch, "extend"),
    (Branch, "show"),
    (Branch, "shared"),
    (Branch, "reshape"),
    (LineIndex, "add"),
    (LineIndex, "runs"),
    (Remover, "remove"),
    (Pieces, "apply"),
]

STEPS_OF_SUMMARIES = [
    (stretch_module, "exchanges"),
    (condenser_module, "transcript"),
    (condenser_module, "summarised"),
    (turn_module, "condensed"),
    (gate_module, "stretch"),
    (gate_module, "saving"),
    (gate_module, "pays"),
    (ledger_module, "forecast_of"),
    (Condenser, "put"),
    (KnownSummaries, "find"),
    (KnownSummaries, "note"),
    (RecentTurns, "add"),
    (Branch, "reshape"),
]


class Failing:
    """Fails at one call of many, once."""

    def __init__(self, step: Callable[..., Any], at: int, error: BaseException) -> None:
        self.step, self.left, self.error = step, at, error

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise self.error
        return self.step(*arguments, **named)


def method(failing: Failing) -> Callable[..., Any]:
    return lambda *arguments, **named: failing(*arguments, **named)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize(
    ("owner", "name"), STEPS_OF_SUMMARIES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_an_error_while_summarising_gives_the_body_back(
    owner: Any, name: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_errors(BOTH, owner, name, at, monkeypatch)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=lambda value: value if isinstance(value, str) else "")
def test_an_error_in_any_step_gives_the_body_back(
    owner: Any, name: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_errors(COMPACTING, owner, name, at, monkeypatch)


def check_errors(policy: str | Policy, owner: Any, name: str, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = bodies(working(24, size=30), "anthropic.messages")
    session, other = Session(CLAUDE, policy), Session(CLAUDE, policy)
    failing = Failing(getattr(owner, name), at, ValueError(SECRET))
    failed = 0
    for number, body in enumerate(requests):
        data = laws.dumped(body)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, method(failing))
            packed = session.pack(data, now=float(number))
        if packed.report.reason:
            failed += 1
            assert packed.dump() == data
            assert packed.body is data
            assert packed.forecast is None
            assert session.record(packed, Usage(uncached=5)) == Calibration(), "of which nothing was forecast"
            assert SECRET not in repr(packed.report)
            packed = session.pack(data, now=float(number))
        assert packed.report.reason == ""
        assert packed.dump() == other.pack(data, now=float(number)).dump(), "as if the error had never been"
        laws.check_pointers(session, packed)
    assert failed == 1


@pytest.mark.parametrize(
    "form", [dict, MappingProxyType, json.dumps, laws.dumped, lambda body: bytearray(laws.dumped(body))]
)
def test_what_an_error_gives_back_is_of_the_type_that_packing_gives(
    form: Callable[[dict], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    body, session = bodies(working(8), "openai.chat")[-1], Session(GPT)
    packed = session.pack(form(body), now=0.0)
    failing = Failing(Turn.write, 1, ValueError(SECRET))
    monkeypatch.setattr(Turn, "write", method(failing))
    failed = session.pack(form(body), now=1.0)
    assert failed.report.reason
    assert type(failed.body) is type(packed.body)
    if isinstance(failed.body, dict):
        assert all(failed.body[name] is body[name] for name in body), "the caller's own values"
    else:
        assert failed.body == form(body)


def test_an_error_is_logged_with_its_place_and_leaves_the_totals(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    requests, session = bodies(working(8), "openai.chat"), Session(GPT)
    totals = session.pack(requests[-2], now=0.0).report.totals
    with monkeypatch.context() as patch:
        patch.setattr(Turn, "write", method(Failing(Turn.write, 1, ValueError(SECRET))))
        report = session.pack(requests[-1], now=1.0).report
    assert report.reason == "internal error: ValueError"
    assert report.totals == totals
    assert totals.requests == 1
    assert report.currency == "USD"
    (record,) = caplog.records
    assert record.name == "ctxpack.packing"
    assert re.fullmatch(r"not packed: internal error: ValueError at ctxpack\.packing\.packer:\d+", record.getMessage())
    assert SECRET not in caplog.text


@pytest.mark.parametrize("now", [nan, inf, "0", True, datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_time_that_is_no_number_is_refused_and_breaks_no_later_call(now: Any) -> None:
    body, session = bodies(working(8), "openai.chat")[-1], Session(GPT)
    with pytest.raises(PolicyError, match="unix seconds"):
        session.pack(body, now=now)
    assert session.pack(body, now=1.0).report.reason == ""


class Shaky(MemoryOriginals):
    """Fails the first time that it sees every third text."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def put(self, text: str) -> str:
        if text not in self.seen:
            self.seen.add(text)
            if len(self.seen) % 3 == 0:
                raise StoreError("the disk is full")
        return super().put(text)


@pytest.mark.parametrize("policy", ["lossless", COMPACTING, BOTH], ids=["lossless", "compacting", "both"])
def test_a_store_that_fails_now_and_then_loses_nothing(policy: str | Policy) -> None:
    requests = bodies(working(16, size=30), "openai.chat")
    session, other = Session(GPT, policy, store=Shaky()), Session(GPT, policy)
    failed = 0
    for number, body in enumerate(requests):
        packed = None
        while packed is None:
            try:
                packed = session.pack(laws.dumped(body), now=float(number))
            except StoreError:
                failed += 1
        assert packed.dump() == other.pack(laws.dumped(body), now=float(number)).dump()
    assert failed


@pytest.mark.parametrize("content", [b"this is no database, and long enough to be read as a header" * 20, b""])
def test_a_file_that_is_no_database(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.write_bytes(content)
    if content:
        with pytest.raises(StoreError, match="store"):
            Session(GPT, store=path)
    else:
        Session(GPT, store=path)


@pytest.mark.parametrize("place", ["missing/folder/store.db", "."])
def test_a_place_that_cannot_be_written(place: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Session(GPT, store=tmp_path / place)


def test_a_closed_store_is_a_store_error(tmp_path: Path) -> None:
    store = SQLiteOriginals(tmp_path / "store.db")
    handle = store.put("text")
    store.close()
    session = Session(GPT, store=store)
    with pytest.raises(StoreError):
        session.original(handle)
    body = bodies(working(8), "openai.chat")[-1]
    with pytest.raises(StoreError):
        session.pack(body, now=0.0)


def test_an_unknown_handle() -> None:
    with pytest.raises(HandleError):
        Session(GPT).original("deadbeef")
