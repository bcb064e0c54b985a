"""Locks that a forked process finds free."""

import os
from _thread import RLock  # threading costs much to import
from _weakref import ref

# Of locks that one thread holds together the one made first is taken last, here as everywhere.
_made: "dict[ref[RLock], None]" = {}
_forking = RLock()
_held: list[RLock] = []


def lock_kept_from_forks() -> RLock:
    """A lock that no other thread holds when the process forks: its child would wait for that thread for ever.

    A fork waits until every such lock is free. While a thread holds one, it may take only those made before.
    """
    lock = RLock()
    _made[ref(lock, _forget)] = None
    return lock


def _forget(made: "ref[RLock]") -> None:
    _made.pop(made, None)


def _take() -> None:
    _forking.acquire()
    for made in reversed(list(_made)):
        lock = made()
        if lock is not None:
            lock.acquire()
            _held.append(lock)


def _give_back() -> None:
    while _held:
        _held.pop().release()
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_take, after_in_parent=_give_back, after_in_child=_give_back)
