"""Compaction: rare, declared, frozen, and the same on a retry."""

import time
from dataclasses import replace

import pytest

from ctxpack.packing import Compaction, EntryLimits, Policy, Session, packer
from ctxpack.packing.policy import PRESETS

from . import laws
from .conversations import CLAUDE, IMAGE, MARK, MODELS, SHORT, SYSTEM, Step, bodies, log, numbered, working
from .policies import REMOVING_ALL

DIALECTS = pytest.mark.parametrize("dialect", sorted(MODELS))
LONG = working(60)


@DIALECTS
def test_is_rare_declared_and_frozen(dialect: str) -> None:
    session = Session(MODELS[dialect], "balanced")
    packed = laws.run(session, bodies(LONG, dialect))
    laws.check_append_only(packed)
    compacted = [number for number, one in enumerate(packed) if one.report.compacted]
    assert 1 <= len(compacted) <= 6
    assert {"removed"} <= {entry.action for entry in packed[-1].report.entries}
    for one in packed:
        laws.check_pointers(session, one)
    for number in compacted:
        assert packed[number].report.tokens_after < packed[number - 1].report.tokens_after


@DIALECTS
def test_a_retry_never_moves_the_gate(dialect: str) -> None:
    requests = bodies(LONG, dialect)
    calm, nervous = Session(MODELS[dialect], "balanced"), Session(MODELS[dialect], "balanced")
    for number, body in enumerate(requests):
        once = calm.pack(laws.dumped(body), now=float(number))
        tries = [nervous.pack(laws.dumped(body), now=float(number)) for _ in range(3)]
        assert {one.dump() for one in tries} == {once.dump()}
        assert [one.report.compacted for one in tries] == [once.report.compacted, False, False]


@DIALECTS
def test_what_was_removed_stays_removed(dialect: str) -> None:
    session = Session(MODELS[dialect], "balanced")
    gone: set[str] = set()
    for one in laws.run(session, bodies(LONG, dialect)):
        removed = {entry.path for entry in one.report.entries if entry.action in ("removed", "shortened")}
        assert gone <= removed
        gone = removed
    assert gone


def test_pays_off_when_the_cache_is_cold() -> None:
    """After an hour nothing is cached: compacting costs nothing."""
    requests = bodies(working(14), "anthropic.messages")
    session = Session(CLAUDE, "balanced")
    packed = [session.pack(laws.dumped(body), now=float(number)) for number, body in enumerate(requests[:-1])]
    assert not any(one.report.compacted for one in packed)
    later = session.pack(laws.dumped(requests[-1]), now=3 * 3600.0)
    assert later.report.compacted


@pytest.mark.parametrize("policy", ["balanced", "tight"])
def test_a_cache_that_is_not_known_may_be_alive(policy: str) -> None:
    """Another process sent the history a moment ago, or this one did before it was started anew."""
    for body in bodies(working(30), "anthropic.messages"):
        assert not Session(CLAUDE, policy).pack(laws.dumped(body), now=0.0).report.compacted


def test_what_other_conversations_share_says_nothing_about_this_one() -> None:
    session = Session(CLAUDE, "balanced")
    session.pack(laws.dumped(bodies(working(1), "anthropic.messages")[0]), now=0.0)
    elsewhere = bodies(working(30), "anthropic.messages")[-1]
    elsewhere["messages"][0] = {"role": "user", "content": "Please write a test."}
    assert not session.pack(laws.dumped(elsewhere), now=3 * 3600.0).report.compacted


@pytest.mark.parametrize("policy", ["balanced", "tight"])
def test_another_conversation_takes_none_of_the_rent(policy: str) -> None:
    requests = bodies(LONG, "anthropic.messages")
    question = {**requests[0], "messages": [{"role": "user", "content": "Another question."}]}
    alone = laws.run(Session(CLAUDE, policy), requests)
    compacted = next(number for number, one in enumerate(alone) if one.report.compacted)
    shared = Session(CLAUDE, policy)
    laws.run(shared, requests[:compacted])
    shared.pack(laws.dumped(question), now=float(compacted))
    assert shared.pack(laws.dumped(requests[compacted]), now=float(compacted)).report.compacted


LIVES = {  # what a request asks for -> the seconds after its last use that an entry lives
    "5m": ("claude-sonnet-4-5", {"cache_control": {"type": "ephemeral"}}, 300),
    "1h": ("claude-sonnet-4-5", {"cache_control": {"type": "ephemeral", "ttl": "1h"}}, 3600),
    "30m": ("gpt-5.6-sol", {}, 1800),
    "12h": ("gpt-5.6-sol", {"prompt_cache_options": {"ttl": "12h"}}, 43_200),
}


@pytest.mark.parametrize("asked", LIVES)
def test_a_cache_is_cold_when_the_forecast_says_so(asked: str) -> None:
    model, more, seconds = LIVES[asked]
    requests = bodies(working(14), "openai.chat" if model.startswith("gpt") else "anthropic.messages")
    for gap, is_cold in ((seconds, False), (seconds + 1, True)):
        session = Session(model, "balanced")
        *_, last = [session.pack({**body, "model": model} | more, now=0.0) for body in requests[:-1]]
        later = session.pack({**requests[-1], "model": model} | more, now=float(gap))
        assert not last.report.compacted
        assert (later.report.compaction is not None) == is_cold
        assert (later.forecast.usage.cache_read > 0) == (not is_cold)


def test_packed_history_that_comes_back_is_no_cold_cache() -> None:
    session, history = Session(CLAUDE, "balanced"), []
    compacted = 0
    for number, body in enumerate(bodies(working(60, 3, 30), "anthropic.messages")):
        body = {**body, "messages": history + body["messages"][len(history) :]}
        packed = session.pack(body, now=float(number))
        compacted += packed.report.compacted
        history = packed.body["messages"]
    assert compacted <= 2


def test_arguments_keep_their_values_and_their_original() -> None:
    rule = Policy("cutter", compaction=Compaction(patience=0.0, keep_turns=1, keep_arguments=1, argument_limit=40))
    arguments = {
        "file_path": "a.py",
        "content": log(60),
        "mode": 1.50,
        "big": 2**70,
        "flag": None,
        "list": ["x" * 99, 1],
    }
    write = ("call_1", "Write", arguments)
    made = [Step("", False, [write], ["written"]), *(Step("", False, [], [], "go on") for _ in range(3))]
    for dialect, model in MODELS.items():
        session, requests = Session(model, rule), bodies(made, dialect)
        packed = laws.run(session, requests)[-1]
        [entry] = [entry for entry in packed.report.entries if entry.action == "shortened"]
        laws.check_handles(session, laws.dumped(requests[-1]), packed)
        laws.check_blocks(laws.dumped(requests[-1]), packed)
        assert entry.path in ("messages[1].content[0]", "messages[2].tool_calls[0]")


def test_arguments_stay_while_calls_name_the_same_file() -> None:
    """What was written into a file is quoted by the edits that follow, however long ago it was."""
    content = "\n".join(f"value_{line} = {line * 37 % 101}" for line in range(400))
    write = ("call_1", "Write", {"file_path": "a.py", "content": content})
    rule = Policy("cutter", compaction=Compaction(patience=0.0, keep_turns=2, keep_arguments=2))
    for path, stays in [("a.py", True), ("b.py", False)]:
        edits = [
            ("call_2", "Edit", {"file_path": path, "old_string": f"value_{n} =", "new_string": "x"}) for n in range(9)
        ]
        made = [Step("", False, [write], ["written"]), *(Step("", False, [edit], ["edited"]) for edit in edits)]
        packed = laws.run(Session(CLAUDE, rule), bodies(made, "anthropic.messages"))[-1]
        assert ("value_399" in packed.dump().decode()) == stays


@DIALECTS
def test_what_stays_is_pointed_to_after_a_compaction(dialect: str) -> None:
    calls = [[(f"call_{n}", "list", {})] for n in range(2)]
    made = [Step("", False, calls[0], [log(60)]), Step("On.", asked="Go on."), Step("", False, calls[1], [SYSTEM])]
    packed = Session(MODELS[dialect], REMOVING_ALL).pack(bodies(made, dialect)[-1], now=0.0)
    assert [entry.action for entry in packed.report.entries] == ["removed", "pointers"]


def _read_twice(between: int, behind: int) -> dict:
    """The last request of a conversation in which a file was read, and again some turns later."""
    source = numbered([f"value_{line} = compute_{line * 3 % 7}(input_{line})" for line in range(200)])
    read = Step("", False, [("call_1", "Read", {"file_path": "a.py"})], [source])
    turns = [Step(f"Step {n}.", asked="Go on.") for n in range(between + behind)]
    return bodies([read, *turns[:between], read, *turns[between:]], "anthropic.messages")[-1]


def test_what_a_later_read_points_to_is_no_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the first read of the file removed, the second would be whole in its place."""
    promised: list[int] = []
    monkeypatch.setattr(packer, "is_due", lambda found, *_: promised.append(found.saving.tokens))
    Session(CLAUDE, "balanced").pack(_read_twice(4, 1), now=0.0)
    assert promised == [0]


@pytest.mark.parametrize("policy", ["balanced", "tight"])
@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-opus-5-5"])
def test_an_agent_that_reads_its_files_over_and_over_loses_none(policy: str, model: str) -> None:
    """Each is read again after twenty turns, when it is old, and then points to where it was read first."""
    files = [
        numbered([f"value_{file}_{line} = compute_{line * 3 % 7}(input_{line})" for line in range(80)])
        for file in range(20)
    ]
    reads = [
        Step("", False, [("call", "Read", {"file_path": f"m_{file}.py"})], [text]) for file, text in enumerate(files)
    ]
    requests = bodies(reads * 3, "anthropic.messages")
    billed = []
    for rule in (Policy("entry", entry=PRESETS[policy].entry), policy):
        session = Session(model, rule)
        for number, body in enumerate(requests):
            packed = session.pack({**body, "model": model, "cache_control": MARK}, now=float(number))
        billed.append(packed.report.totals.expected_after)
    assert billed[1] <= 1.005 * billed[0]


def test_old_pointers_go_with_what_they_point_to() -> None:
    rule = Policy("keeping", compaction=Compaction(patience=0.0, keep_turns=3))
    packed = Session(CLAUDE, rule).pack(_read_twice(0, 4), now=0.0)
    assert [entry.action for entry in packed.report.entries] == ["removed", "removed"]


@DIALECTS
def test_a_name_stays_once(dialect: str) -> None:
    """With the first of the results that go, and with none of them where the rest of the prompt shows it."""
    shared = ["frobnicate_total", "shown_elsewhere"]
    results = ["\n".join([*(f"step {n}, line {at}" for at in range(120)), *shared, f"own_{n}_name"]) for n in range(2)]
    made = [Step("", False, [(f"call_{n}", "list", {})], [result]) for n, result in enumerate(results)]
    body = bodies([*made, Step("Keep shown_elsewhere.", asked="Go on."), Step(asked="On.")], dialect)[-1]
    packed = Session(MODELS[dialect], REMOVING_ALL).pack(body, now=0.0)
    assert [entry.action for entry in packed.report.entries] == ["removed", "removed"]
    sent = packed.dump().decode()
    assert [sent.count(name) for name in (*shared, "own_0_name", "own_1_name")] == [1, 1, 1, 1]


@DIALECTS
@pytest.mark.parametrize(("pins", "long"), [(("note",), ""), ((), " and so on" * 100)], ids=["kept", "shortened"])
def test_names_that_arguments_show_are_those_behind_their_escapes(
    dialect: str, pins: tuple[str, ...], long: str
) -> None:
    """A name behind a tab stands behind a backslash and a t in JSON; those are not part of it."""
    result = "\n".join([*(f"step {at} of many" for at in range(120)), "frobnicate_total", "tfrobnicate_total"])
    read = Step("", False, [("call_1", "list", {})], [result])
    note = Step("", False, [("call_2", "note", {"text": f"keep\tfrobnicate_total{long}"})], ["ok"])
    body = bodies([note, read, Step(asked="On.")], dialect)[-1]
    packed = Session(MODELS[dialect], replace(REMOVING_ALL, pins=pins)).pack(body, now=0.0)
    assert [entry.action for entry in packed.report.entries] == [*(["shortened"] if long else []), "removed"]
    sent = packed.dump().decode()
    assert sent.count("tfrobnicate_total") == sent.count("frobnicate_total") == 2


def test_a_removed_pointer_names_no_more_of_the_file_than_the_first_read() -> None:
    """A tenth of the whole text again would be longer than the pointer that goes."""
    source = numbered([f"value_{line} = compute_{line * 3 % 7}(input_{line})" for line in range(400)])
    read = Step("", False, [("call_1", "Read", {"file_path": "a.py"})], [source])
    turns = [Step(f"Step {n}.", asked="Go on.") for n in range(4)]
    packed = Session(CLAUDE, REMOVING_ALL).pack(bodies([read, read, *turns], "anthropic.messages")[-1], now=0.0)
    first, second = packed.report.entries
    assert first.action == second.action == "removed"
    assert second.tokens_after < 40 < first.tokens_after


def test_a_result_of_many_parts_is_removed_when_one_of_one_part_is() -> None:
    lines = numbered([f"value_{line} = compute_{line * 3 % 7}(input_{line})" for line in range(400)]).splitlines(True)
    policy, at = replace(REMOVING_ALL, compaction=replace(REMOVING_ALL.compaction, patience=1.0)), []
    for size in (400, 200, 100):
        result = [{"type": "text", "text": "".join(lines[line : line + size])} for line in range(0, 400, size)]
        read = Step("", False, [("call_1", "Read", {"file_path": "a.py"})], [result])
        requests = bodies([read, *(Step(f"Step {n}.", asked="Go on.") for n in range(30))], "anthropic.messages")
        packed = laws.run(Session(CLAUDE, policy), requests)
        at.append([number for number, one in enumerate(packed) if one.report.compacted])
    assert at[0]
    assert at == at[:1] * 3


def test_images_that_stay_are_no_saving() -> None:
    """A promise of what they cost, beside the texts that go, would never be kept, and nothing would be removed."""
    pages = [
        "\n".join(f"Page {page}, line {at}: the weather of the mountains." for at in range(50)) for page in range(6)
    ]
    results = [[{"type": "text", "text": page}, IMAGE] for page in pages]
    shown = [Step("", False, [(f"call_{at}", "view", {"page": at})], [result]) for at, result in enumerate(results)]
    turns = [Step(f"Step {n}.", asked="Go on.") for n in range(60)]
    session = Session(CLAUDE, Policy("mine", compaction=Compaction()))
    packed = laws.run(session, bodies([*shown, *turns], "anthropic.messages"))
    assert {entry.action for entry in packed[-1].report.entries} == {"removed"}


def test_nothing_drops_below_the_cache_minimum_where_that_costs_more() -> None:
    """With 4,096 tokens as the minimum, six thousand cached ones are cheaper than two thousand that are not."""
    model, source = "claude-haiku-4-5", numbered([f"v{n} = f{n * 7 % 13}(a{n})" for n in range(450)])
    made = [Step("", False, [("call_1", "Read", {"file_path": "x.py"})], [source])]
    made += [Step(f"Step {n}.", False, [("call_2", "list", {})], ["ok"]) for n in range(40)]
    session = Session(model, "balanced")
    for number, body in enumerate(bodies(made, "anthropic.messages", SHORT)):
        report = session.pack({**body, "model": model, "cache_control": MARK}, now=10.0 * number).report
        assert not report.compacted
        assert report.expected_after <= report.expected_before * (1 + 1e-9)


@pytest.mark.parametrize("text", ["a" * 200_000, "-" * 200_000, "." * 200_000, "a/" * 100_000, "A" * 200_000])
def test_one_word_of_any_length_is_removed_at_once(text: str) -> None:
    made = [Step("", False, [("call_1", "list", {})], [text]), *(Step("", False, [], [], "on") for _ in range(3))]
    rule = replace(REMOVING_ALL, entry=EntryLimits())
    start = time.process_time()
    laws.run(Session(CLAUDE, rule), bodies(made, "anthropic.messages"))
    assert time.process_time() - start < 10


def test_pointers_inside_cut_results_follow_a_compaction() -> None:
    """A digest that points to lines which a compaction removes is made anew."""
    code = numbered([f"statement_{line} = call_{line * 7 % 11}(argument_{line})" for line in range(80)])
    read = ("call_1", "Read", {"file_path": "a.py"})
    bash = ("call_2", "Bash", {"command": "make"})
    made = [Step("", False, [read], [code]), *(Step("", False, [], [], f"go on {n}") for n in range(6))]
    made += [
        Step("", False, [bash], [code + "\n" + log(300)]),
        *(Step("", False, [], [], f"and on {n}") for n in range(6)),
    ]
    session = Session(
        CLAUDE, Policy("mixed", entry=Session(CLAUDE, "balanced").policy.entry, compaction=Compaction(0.0, 8))
    )
    packed = laws.run(session, bodies(made, "anthropic.messages"))
    laws.check_append_only(packed)
    assert any(one.report.compacted for one in packed)
    for one in packed:
        laws.check_pointers(session, one)
