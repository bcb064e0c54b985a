"""What tools/learn_lines.py learns, on made-up sessions in which later turns quote definitions and nothing else."""

from random import Random

import numpy as np
import pytest

from benchmarks.replaying.messages import Message, result, text, use
from benchmarks.replaying.sessions import Session, requests
from tools.learn_lines import choosing, gains, held_out, logistic, logistic_model, percents, stumps_model
from tools.line_features import FEATURES, Result, results

READS = 12


def session(name: str, seed: int) -> Session:
    draw = Random(seed)
    messages: list[Message] = [{"role": "user", "content": [text("Please rename things.")]}]
    for number in range(READS):
        lines = [line(draw, number, place) for place in range(60)]
        quoted = [one for one in lines if one.startswith("def ")]
        call = use(f"call_{number}", "Read", {"file_path": f"src/{name}_{number}.py"})
        messages += [
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result(f"call_{number}", "\n".join(lines))]},
            {"role": "assistant", "content": [text("\n".join(quoted))]},
            {"role": "user", "content": [text("Go on.")]},
        ]
    return Session(name, requests([*messages, {"role": "assistant", "content": [text("Done.")]}]))


def line(draw: Random, number: int, place: int) -> str:
    name = f"part_{number}_{place}_{draw.randrange(1000)}"
    return f"def {name}(queue, limit, pause):" if draw.random() < 0.3 else f"run {name}(queue, limit, pause);"


@pytest.fixture(scope="module")
def found() -> list[Result]:
    return [one for number in range(3) for one in results(session(f"session{number}", number), "made up")]


def test_results_come_with_what_is_quoted_of_them(found: list[Result]) -> None:
    assert len(found) == 3 * READS
    first = found[0]
    assert (first.kind, first.call.subject, first.query) == ("reads", "src/session0_0.py", "Please rename things.")
    for one in found:
        is_quoted = [unit.startswith("def ") for unit in one.units]
        assert [label > 0 for label in one.labels] == is_quoted


def test_features_are_shares(found: list[Result]) -> None:
    for one in found:
        assert one.features.shape == (len(one.units), len(FEATURES))
        assert one.features.min() >= 0
        assert one.features.max() <= 1


def test_the_regression_finds_what_is_quoted(found: list[Result]) -> None:
    weights = dict(zip(FEATURES, logistic(found), strict=True))
    assert weights["definition"] > 1 > abs(weights["place"])
    assert weights["definition"] > weights["comment"] == 0


@pytest.mark.parametrize("learn", [logistic_model, stumps_model])
def test_what_is_learned_holds_for_sessions_left_out(found: list[Result], learn: object) -> None:
    by_session = choosing(held_out(found, learn, lambda one: one.session))
    draw = np.random.default_rng(1)
    at_random = choosing(lambda one: draw.random(len(one.units)))
    assert float(percents(found, by_session, "line").split("/")[1]) >= 99
    *sessions, every = gains(found, at_random, by_session)
    assert len(sessions) == 3
    assert every.endswith("above 0 in 100%")


def test_a_model_does_not_see_the_results_that_it_is_for(found: list[Result]) -> None:
    seen: list[set[str]] = []

    def learn(training: list[Result]) -> object:
        seen.append({one.session for one in training})
        return lambda features: np.zeros(len(features))

    scores = held_out(found, learn, lambda one: one.session)
    for one in found:
        scores(one)
    assert seen == [{"session1", "session2"}, {"session0", "session2"}, {"session0", "session1"}]
