"""Calls that were billed no input, as failed or broken off ones: counted, and no part of what the cache did."""

from pathlib import Path

from tests.auditing.test_audit import LONG, audited, record, say


def test_a_failed_call_neither_misses_nor_breaks_the_chain(tmp_path: Path) -> None:
    calls = [
        record(1, say(LONG), 0.0, (3, 0, 7000)),
        record(2, say(LONG, "a", "b"), 10.0, (0, 0, 0)),
        record(3, say(LONG, "a", "b"), 20.0, (3, 7000, 50)),
    ]
    found = audited(tmp_path, *calls, policies=["lossless"])
    assert (found.calls, len(found.transitions), found.exact, found.findings) == (3, 1, 1, ())
    assert (found.alternatives[0].calls, found.alternatives[0].left_out) == (2, 1)


def test_a_log_may_hold_nothing_but_failed_calls(tmp_path: Path) -> None:
    found = audited(tmp_path, record(1, say("hi"), 0.0, (0, 0, 0)))
    assert (found.calls, found.sessions, found.transitions) == (1, 1, ())
