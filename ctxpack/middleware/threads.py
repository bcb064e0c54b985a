"""Threads in which event loops have requests packed. Imports anyio, which comes with every asynchronous client."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Given = TypeVar("Given")

# Threads of one event loop; as many as anyio gives to all else.
_MOST = 40
# Beside those that anyio gives: the caller may hold all of these while they wait for an answer.
_limiter: RunVar[CapacityLimiter] = RunVar("ctxpack.middleware.threads")


async def in_thread(work: Callable[[], Given]) -> Given:
    """What a function returns; where the caller is cancelled, it is left to end alone."""
    return await to_thread.run_sync(work, abandon_on_cancel=True, limiter=_of_this_loop())


def _of_this_loop() -> CapacityLimiter:
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(_MOST)
        _limiter.set(limiter)
    return limiter
