"""Locks that a forked process finds free."""

import os
from _thread import RLock  # threading costs much to import


def lock_kept_from_forks() -> RLock:
    """A lock that no other thread holds when the process forks: its child would wait for that thread for ever."""
    lock = RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    return lock
