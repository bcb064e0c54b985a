"""Stores that fail only after a while, as a server does that hangs."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from ctxpack.errors import HandleError, StoreError
from ctxpack.middleware import resting
from ctxpack.middleware.resting import RestingOriginals
from ctxpack.middleware.sessions import Sessions
from ctxpack.packing import MemoryOriginals, Originals
from tests.middleware.conversations import openai_messages

BODY = {"model": "gpt-4o", "messages": openai_messages(3)}
CALLS = [
    lambda store: store.put("text"),
    lambda store: store.get("00000000"),
    lambda store: store.note("key", "note"),
    lambda store: store.noted(["key"]),
]


class Hanging(MemoryOriginals):
    """Fails each call after a while; `calls` counts them."""

    def __init__(self, seconds: float = 0.3) -> None:
        super().__init__()
        self.seconds = seconds
        self.calls = 0

    def _fail(self) -> StoreError:
        self.calls += 1
        time.sleep(self.seconds)
        return StoreError("no answer")

    def put(self, text: str) -> str:
        raise self._fail()

    def get(self, handle: str) -> str:
        raise self._fail()

    def note(self, key: str, text: str) -> None:
        raise self._fail()

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        raise self._fail()


def test_requests_behind_one_another_do_not_each_wait_for_a_store_that_hangs() -> None:
    store = Hanging()
    sessions = Sessions(store=store)
    sessions.session("gpt-4o")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: sessions.pack(BODY, "openai.chat"), range(8))) == [None] * 8
    assert store.calls < 4
    assert dict(sessions.reasons) == {"not packed: StoreError": 8}


@pytest.mark.parametrize("call", CALLS)
def test_a_store_is_asked_again_once_it_rested_as_long_as_it_failed(
    monkeypatch: pytest.MonkeyPatch, call: Callable[[Originals], object]
) -> None:
    clock = iter([10.0, 12.0, 12.5, 13.9, 14.0, 14.0])
    monkeypatch.setattr(resting, "monotonic", lambda: next(clock))
    store = Hanging(seconds=0)
    left_alone, said = RestingOriginals(store), []
    for _ in range(4):
        with pytest.raises(StoreError) as caught:
            call(left_alone)
        said.append(str(caught.value))
    failed, rests = "no answer", "the store failed a moment ago and is left alone"
    assert said == [failed, rests, rests, failed]
    assert store.calls == 2


def test_a_store_that_answers_does_not_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count()
    monkeypatch.setattr(resting, "monotonic", lambda: float(next(clock)))
    store = RestingOriginals(MemoryOriginals())
    for _ in range(2):
        with pytest.raises(HandleError):
            store.get("00000000")
    assert store.get(store.put("text")) == "text"
    store.note("key", "note")
    assert store.noted(["other", "key"]) == (1, "note")
