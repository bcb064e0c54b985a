"""Locks that a fork leaves free: kept in order, and no longer than who has them."""

import gc
import os
import threading
import time

import pytest

from ctxpack import locks
from ctxpack.locks import lock_kept_from_forks


def test_a_lock_goes_with_its_owner() -> None:
    gc.collect()
    before = len(locks._made)
    kept = [lock_kept_from_forks() for _ in range(10)]
    assert len(locks._made) == before + 10
    del kept
    assert len(locks._made) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:This process")
def test_a_fork_waits_for_who_takes_locks_in_order() -> None:
    inner, outer = lock_kept_from_forks(), lock_kept_from_forks()
    within = threading.Event()

    def work() -> None:
        with outer:
            within.set()
            time.sleep(0.1)
            with inner:
                pass

    worker = threading.Thread(target=work)
    worker.start()
    within.wait()
    child = os.fork()
    if child == 0:
        os._exit(not (outer.acquire(blocking=False) and inner.acquire(blocking=False)))
    assert os.waitpid(child, 0)[1] == 0
    worker.join(20)
    assert not worker.is_alive()
