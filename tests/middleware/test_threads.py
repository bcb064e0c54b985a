"""Threads that event loops have requests packed in: so many, and none that a cancelled caller waits for."""

import threading
import time

import anyio
import pytest

from ctxpack.middleware import threads
from ctxpack.middleware.threads import in_thread


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param)
    return str(request.param)


def test_so_many_threads_of_an_event_loop_work_at_once(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_MOST", 2)
    lock, working, seen = threading.Lock(), [], []
    both = threading.Barrier(2)

    def work() -> None:
        with lock:
            working.append(None)
            seen.append(len(working))
        both.wait(20)
        time.sleep(0.01)  # for a third
        with lock:
            working.pop()

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(in_thread, work)

    anyio.run(run, backend=backend)
    assert (len(seen), max(seen)) == (8, 2)


def test_a_cancelled_caller_waits_for_no_thread(backend: str) -> None:
    go, ended = threading.Event(), []

    async def run() -> None:
        with anyio.move_on_after(0.01):
            await in_thread(lambda: ended.append(go.wait(20)))
        assert not ended
        go.set()

    anyio.run(run, backend=backend)
