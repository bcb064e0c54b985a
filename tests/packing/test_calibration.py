"""What was billed for each token counted, and whether reads came as forecast."""

from typing import Any

import pytest
from anthropic.types import Usage as MessageUsage
from openai.types import CompletionUsage

from ctxpack.errors import UsageError
from ctxpack.packing import Packed, Policy, Session
from ctxpack.packing.calibration import Calibration
from ctxpack.packing.journal import scope
from ctxpack.packing.originals import MemoryOriginals
from ctxpack.providers import Usage, bill, cache_rules, price

from .conversations import CLAUDE, Step, bodies, working
from .policies import REMOVING_ALL


@pytest.mark.parametrize("ratio", [0.9, 1.0, 1.4])
def test_reads_are_compared_in_tokens_as_billed(ratio: float) -> None:
    predicted = Usage(uncached=1000, cache_read=9000)
    billed = Usage(uncached=int(1000 * ratio), cache_read=int(9000 * ratio))
    found = Calibration().updated(predicted, billed, 10_000)
    assert (found.requests, found.exact_reads) == (1, 1)
    assert found.ratio == pytest.approx(ratio)


@pytest.mark.parametrize("read", [0, 8000, 9200])
def test_another_read_is_another(read: int) -> None:
    predicted = Usage(uncached=1000, cache_read=9000)
    assert Calibration().updated(predicted, Usage(uncached=10_000 - read, cache_read=read), 10_000).exact_reads == 0


def test_nothing_counted_is_compared_as_it_is() -> None:
    assert Calibration().updated(Usage(), Usage(uncached=5), 0) == Calibration(1, 1, 0, Usage(uncached=5))


@pytest.mark.parametrize(("read", "share"), [(0, 0.0), (4500, 0.5), (9000, 1.0), (9900, 1.0)])
def test_a_read_in_part_is_served_by_its_share(read: int, share: float) -> None:
    billed = Usage(uncached=10_000 - read, cache_read=read)
    found = Calibration().updated(Usage(uncached=1000, cache_read=9000), billed, 10_000)
    assert (found.reads, found.served) == (1, share)
    assert found.updated(Usage(uncached=5), Usage(uncached=5), 5).reads == 1


@pytest.mark.parametrize(
    ("reads", "served", "measured", "rate"),
    [
        (0, 0, None, None),
        (0, 0, 0.7, 0.7),
        (10, 10, 0.7, 0.85),
        (10, 0, 0.7, 0.35),
        (990, 990, 0.7, 0.997),
        (1, 1, None, 2 / 3),
        (98, 0, None, 0.01),
    ],
)
def test_recorded_reads_are_weighed_against_what_was_measured_before(
    reads: int, served: float, measured: float | None, rate: float | None
) -> None:
    assert Calibration(reads=reads, served=served).hit_rate(measured) == (rate and pytest.approx(rate))


def used(packed: Packed, *, hits: bool) -> Usage:
    assert packed.forecast is not None
    return packed.forecast.usage if hits else Usage(uncached=packed.report.tokens_after)


def sent(session: Session, dialect: str, *, hits: bool) -> list[Packed]:
    """A conversation whose every request is recorded, its reads as forecast or none."""
    found = []
    for number, body in enumerate(bodies(working(20, size=30), dialect)):
        found.append(session.pack(body, now=float(number)))
        session.record(found[-1], used(found[-1], hits=hits))
    return found


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.5"])
def test_forecasts_learn_from_what_is_recorded(model: str) -> None:
    measured = cache_rules(model).hit_rate
    for hits in (True, False):
        session = Session(model)
        *_, before, last = [packed.forecast for packed in sent(session, "openai.chat", hits=hits)]
        assert before is not None
        assert before.probability is not None
        assert last is not None
        assert last.probability is not None
        assert (last.probability > before.probability) is hits
        assert (last.probability > (measured or 0.5)) is hits
        assert (session.calibration.served == session.calibration.reads > 10) is hits


@pytest.mark.parametrize(("model", "dialect"), [(CLAUDE, "anthropic.messages"), ("gpt-5.6-sol", "openai.chat")])
def test_a_promised_read_stays_certain(model: str, dialect: str) -> None:
    found = sent(Session(model), dialect, hits=False)
    assert {packed.forecast.probability for packed in found if packed.forecast} <= {None, 1.0}


@pytest.mark.parametrize("policy", ["balanced", "tight", REMOVING_ALL])
def test_decisions_do_not_depend_on_what_is_recorded(policy: str | Policy) -> None:
    one, other = (sent(Session("gpt-4.1", policy), "openai.chat", hits=hits) for hits in (True, False))
    assert [packed.dump() for packed in one] == [packed.dump() for packed in other]
    assert [packed.report.compacted for packed in one] == [packed.report.compacted for packed in other]


def chances(found: list[Packed]) -> list[float]:
    """Those of the forecasts that count on a read."""
    return [ahead.probability or 0.0 for packed in found if (ahead := packed.forecast) and ahead.usage.cache_read]


@pytest.mark.parametrize("hits", [True, False])
def test_what_reads_taught_outlives_a_session(hits: bool) -> None:
    store = MemoryOriginals()
    first, *_, last = chances(sent(Session("gpt-4.1", store=store), "openai.chat", hits=hits))
    again, *_, later = chances(sent(Session("gpt-4.1", store=store), "openai.chat", hits=hits))
    assert again == last  # what was recorded of a session's last request is not kept
    assert (first < last < later) is hits
    assert (first > last > later) is not hits


@pytest.mark.parametrize(
    "kept", ["", "{", '{"reads":-10,"served":-20}', '{"reads":1,"served":NaN}', '{"reads":1,"served":2}', "[" * 10_000]
)
def test_sums_that_no_session_keeps_teach_nothing(kept: str) -> None:
    fresh, store = Session("gpt-4.1"), MemoryOriginals()
    store.note(f"{scope('gpt-4.1', fresh.policy)}:served reads", kept)
    for session in (fresh, Session("gpt-4.1", store=store)):
        assert chances(sent(session, "openai.chat", hits=True))[0] == cache_rules("gpt-4.1").hit_rate


@pytest.mark.parametrize(
    ("reads", "served"),
    [(1000, 0), (10**18, 0), (10**18, 10**18 // 2), (10**400, 0)],
    ids=["just as many", "many", "many, half of them served", "no float"],
)
def test_however_many_reads_were_kept_a_session_learns_from_its_own(reads: int, served: int) -> None:
    store, measured = MemoryOriginals(), cache_rules("gpt-4.1").hit_rate
    note = f'{{"reads":{reads},"served":{served}}}'
    store.note(f"{scope('gpt-4.1', Session('gpt-4.1').policy)}:served reads", note)
    first, *_, last = chances(sent(Session("gpt-4.1", store=store), "openai.chat", hits=True))
    half = 1000 * served / reads
    assert first == pytest.approx(Calibration(reads=1000, served=half).hit_rate(measured) or 0)
    assert last == pytest.approx(Calibration(reads=1019, served=half + 19).hit_rate(measured) or 0)


def test_what_was_recorded_is_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store, kept = MemoryOriginals(), list[str]()
    session, note = Session("gpt-4.1", store=store), store.note
    monkeypatch.setattr(store, "note", lambda key, text: kept.append(key) or note(key, text))
    last = sent(session, "openai.chat", hits=True)[-1]
    for number in range(3):
        session.pack(last.body, now=20.0 + number)
    assert len([key for key in kept if key.endswith(":served reads")]) == session.calibration.reads


def test_no_store_is_asked_of_reads_that_are_promised() -> None:
    store = MemoryOriginals()
    sent(Session(CLAUDE, store=store), "anthropic.messages", hits=True)
    assert not [name for name in store._texts if "served" in name]


@pytest.mark.parametrize("packed", [None, {"model": "gpt-4.1"}])
def test_what_was_not_packed_cannot_be_recorded(packed: Any) -> None:
    with pytest.raises(UsageError, match="a packed request is what `pack` returned, not"):
        Session("gpt-4.1").record(packed, Usage())


@pytest.mark.parametrize(
    ("dialect", "usage"),
    [
        ("anthropic.messages", MessageUsage(input_tokens=9, cache_read_input_tokens=90, output_tokens=2)),
        ("anthropic.messages", {"input_tokens": 9, "cache_read_input_tokens": 90, "output_tokens": 2}),
        (
            "openai.chat",
            CompletionUsage(
                prompt_tokens=99, completion_tokens=2, total_tokens=101, prompt_tokens_details={"cached_tokens": 90}
            ),
        ),
    ],
)
def test_usage_is_recorded_as_a_response_has_it(dialect: str, usage: object) -> None:
    session = Session(CLAUDE)
    packed = session.pack(bodies(working(1, size=30), dialect)[-1])
    assert session.record(packed, usage).usage == Usage(uncached=9, cache_read=90, output=2)


@pytest.mark.parametrize(
    ("usage", "message"), [(5, "not int"), (None, "not NoneType"), ({}, "input_tokens is missing")]
)
def test_what_is_no_usage_is_refused(usage: object, message: str) -> None:
    session = Session(CLAUDE)
    packed = session.pack(bodies(working(1, size=30), "anthropic.messages")[-1])
    with pytest.raises(UsageError, match=message):
        session.record(packed, usage)
    assert session.calibration == Calibration()


def test_the_money_of_a_session_follows_its_reads() -> None:
    session = Session("gpt-4.1")
    requests = bodies(working(12, size=30), "openai.chat")
    for number, body in enumerate(requests):
        packed = session.pack(body | {"model": "gpt-4.1"}, now=float(number))
        last = session.calibration
        session.record(packed, used(packed, hits=False))
    ahead = packed.forecast
    assert ahead is not None
    assert ahead.probability == last.hit_rate(cache_rules("gpt-4.1").hit_rate)
    hit, miss = (bill(usage, price("gpt-4.1")).input for usage in (ahead.usage, Usage(uncached=ahead.usage.input)))
    assert ahead.expected == pytest.approx(ahead.probability * hit + (1 - ahead.probability) * miss)
    assert packed.report.expected_after == ahead.expected
    assert packed.report.expected_before > 0


def test_what_reads_taught_counts_on_both_sides_of_a_report() -> None:
    """Nothing can be cut from what is only said: it costs the same."""
    session = Session("gpt-4.1")
    said = [Step(f"Step {number}.", asked="Go on.") for number in range(6)]
    for number, body in enumerate(bodies(said, "openai.chat")):
        packed = session.pack(body | {"model": "gpt-4.1"}, now=float(number))
        session.record(packed, used(packed, hits=False))
        assert packed.report.expected_before == packed.report.expected_after
    assert session.calibration.reads > 3


def test_a_session_reports_its_ratio() -> None:
    session = Session("claude-opus-5-5")
    packed = session.pack(
        {"model": "claude-opus-5-5", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]}
    )
    assert session.calibration.ratio == 1.0
    counted = packed.report.tokens_after
    assert session.record(packed, Usage(uncached=2 * counted)).ratio == 2.0
    assert session.calibration.ratio == 2.0
