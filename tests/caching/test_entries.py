"""Entries: how long each one lives, and how many are kept."""

from ctxpack.caching.entries import LIMIT, Entries


def test_entries_are_bounded() -> None:
    entries = Entries()
    for number in range(LIMIT + 5):
        entries.write(number.to_bytes(4, "big"), 0, None)
    assert not entries.holds((0).to_bytes(4, "big"), 0)
    assert entries.holds((LIMIT + 4).to_bytes(4, "big"), 1e12)
    assert len(entries._entries) == LIMIT


def test_of_too_many_entries_the_one_that_was_used_least_lately_leaves() -> None:
    entries = Entries()
    for number in range(LIMIT):
        entries.write(number.to_bytes(4, "big"), 0, 300)
    entries.write((0).to_bytes(4, "big"), 1, 300)
    entries.refresh((1).to_bytes(4, "big"), 1)
    entries.write(b"new", 2, 300)
    assert [entries.holds(number.to_bytes(4, "big"), 2) for number in range(4)] == [True, True, False, True]


def test_an_entry_lives_for_as_long_as_it_was_written_for() -> None:
    entries = Entries()
    entries.write(b"a", 100.0, 300.0)
    assert entries.holds(b"a", 400.0)
    assert not entries.holds(b"a", 400.5)
    assert not entries.holds(b"b", 100.0)


def test_reading_an_entry_starts_its_own_lifetime_again() -> None:
    entries = Entries()
    entries.write(b"a", 0.0, 300.0)
    entries.refresh(b"a", 200.0)
    assert entries.holds(b"a", 500.0)
    assert not entries.holds(b"a", 500.5)
    entries.refresh(b"a", 500.0)
    assert entries.holds(b"a", 800.0), "the last second counts"
    entries.refresh(b"a", 801.0)
    assert not entries.holds(b"a", 801.0), "what has expired is gone"
    entries.refresh(b"b", 0.0)
    assert not entries.holds(b"b", 0.0), "reading writes nothing"
