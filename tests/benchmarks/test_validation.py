"""Settings are picked on the sessions that are not left out, by the bill, as long as they keep the floors there."""

from collections import Counter

import pytest

from benchmarks.replaying.score import Score
from benchmarks.validation import GRIDS, Setting, picked, report
from ctxpack.packing.policy import PRESETS
from ctxpack.providers import Usage


def score(bill: int, visible: int) -> Score:
    """A session of 1,000 tokens, so many billed, and a hundred quoted lines, so many of them visible."""
    before, after = (Usage(0, 0, tokens) for tokens in (1000, bill))
    of = {("line", "<=2"): 100}
    return Score(1, 1, before, after, references=Counter(of), visible=Counter(dict.fromkeys(of, visible)))


def setting(name: str, **scores: tuple[int, int]) -> Setting:
    return Setting(name, PRESETS["balanced"], {session: score(*given) for session, given in scores.items()})


def test_the_cheapest_that_keeps_the_floors_is_picked() -> None:
    settings = [
        setting("careful", a=(600, 100), b=(600, 100)),
        setting("fitting", a=(500, 98), b=(500, 97)),
        setting("greedy", a=(300, 90), b=(300, 99)),
    ]
    assert picked("balanced", settings, ["a", "b"], 0).name == "fitting"
    assert picked("balanced", settings, ["b"], 0).name == "greedy"


def test_where_none_keeps_the_floors_the_nearest_is_picked() -> None:
    settings = [setting("near", a=(900, 95)), setting("far", a=(100, 80))]
    assert picked("balanced", settings, ["a"], 0).name == "near"


def test_a_session_has_no_part_in_what_is_picked_for_it() -> None:
    settings = [
        setting("careful", **{"x/1": (600, 100), "y/1": (600, 100)}),
        setting("greedy", **{"x/1": (300, 50), "y/1": (300, 100)}),
    ]
    lines = list(report("balanced", settings, ["x/1", "y/1"], [], 0))
    assert "x/1 | greedy | -70.0, 50.0, 50.0, - | -40.0, 100.0, 100.0, -" in lines
    assert "y/1 | careful | -40.0, 100.0, 100.0, - | -40.0, 100.0, 100.0, -" in lines


@pytest.mark.parametrize("preset", GRIDS)
def test_a_grid_holds_its_preset_and_no_setting_twice(preset: str) -> None:
    policies = [policy for _, policy in GRIDS[preset]()]
    assert PRESETS[preset] in policies
    assert len({str(policy) for policy in policies}) == len(policies)
