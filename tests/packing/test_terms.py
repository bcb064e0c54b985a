"""The terms of a compaction: rent against the price of rewriting, with price steps, cache minimums and a horizon."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import PolicyError
from ctxpack.packing import Compaction, Policy, Session
from ctxpack.packing.branch import Branch
from ctxpack.packing.removable import Removable, is_due
from ctxpack.packing.terms import Saving, Terms
from ctxpack.providers import Price, Step, price

from . import laws
from .conversations import CLAUDE, MARK, bodies, working
from .policies import COMPACTING, REMOVING_ALL

PRICE = replace(price(CLAUDE), long_context=())
STEPPED = replace(
    PRICE, long_context=(Step(100_000, 2 * PRICE.input, 2 * PRICE.cache_read, 2 * PRICE.cache_write, None, 1.0),)
)
TOKENS = st.integers(1_000, 300_000)


def sent(tokens: int, turns: int = 0) -> Any:
    """What the terms look at of a packed prompt: its tokens, and how many assistant turns it has."""
    blocks = [SimpleNamespace(role="assistant", message=number) for number in range(turns)]
    return SimpleNamespace(tokens=tokens, prompt=SimpleNamespace(blocks=blocks or [SimpleNamespace(role="user")]))


def reckoned(money: Price, minimum: int = 1024, horizon: int | None = None) -> Terms:
    return Terms(money, minimum, lambda packed: False, horizon)


def found(tokens: int, packed: Any, before: int = 0) -> Saving:
    return Saving(tokens, packed.tokens - tokens, before)


def requests_until_due(terms: Terms, packed: Any, saving: Saving, most: int = 2000) -> int:
    """The request at which a compaction is due; `most` where it is not before."""
    branch, rule, removable = Branch(), Compaction(), Removable(saving, {(0, 0): "older"}, 0)
    return next((n for n in range(1, most) if is_due(removable, branch, packed, True, terms, rule)), most)


@given(TOKENS, st.floats(0.1, 0.9))
def test_a_step_of_the_price_is_rent(tokens: int, share: float) -> None:
    """A compaction that brings the prompt below a step comes no later than at one price, one that does not, as then."""
    packed = sent(tokens)
    saving = found(int(share * tokens), packed)
    plain, stepped = (requests_until_due(reckoned(one), packed, saving) for one in (PRICE, STEPPED))
    if saving.left <= 100_000 < tokens:
        assert stepped <= plain
        assert reckoned(STEPPED).rent(saving, packed) > 2 * reckoned(PRICE).rent(saving, packed)
    else:
        assert stepped == plain


@given(TOKENS, st.floats(0.1, 0.99), st.integers(0, 40_000))
def test_nothing_is_bought_that_makes_later_requests_dearer(tokens: int, share: float, minimum: int) -> None:
    packed, terms = sent(tokens), reckoned(PRICE, minimum)
    saving = found(int(share * tokens), packed)
    if terms.reading(saving.left) >= terms.reading(tokens):
        assert requests_until_due(terms, packed, saving, 50) == 50


@given(st.integers(10_000, 300_000), st.floats(0.15, 0.85), st.integers(1, 400), st.integers(1, 400))
def test_a_wrong_horizon_costs_a_bounded_factor(tokens: int, share: float, horizon: int, requests: int) -> None:
    """Whatever was expected and whatever comes: at most three times the best of buying at once and never."""
    packed, terms = sent(tokens), reckoned(PRICE, horizon=horizon)
    saving = found(int(share * tokens), packed)
    rent, cost = terms.rent(saving, packed), terms.rewriting(saving, packed)
    bought = requests_until_due(terms, packed, saving)
    paid = bought * rent + cost if bought <= requests else requests * rent
    assert paid <= 3 * min(cost, requests * rent) + 2 * rent


@pytest.mark.parametrize(
    ("promised", "saved", "is_reached"), [(10, 5, True), (10, 4, False), (1, 1, True), (0, 0, False), (-9, -1, False)]
)
def test_a_saving_is_half_of_what_was_promised_and_never_nothing(promised: int, saved: int, is_reached: bool) -> None:
    """A step of the price may promise money for a longer prompt: none is sent."""
    assert Saving(promised, 100 - promised, 0).is_reached(sent(100), sent(100 - saved)) is is_reached


def test_what_is_expected_moves_compactions() -> None:
    firsts = []
    for horizon in (400, None, 1):
        rule = Policy("expecting", compaction=Compaction(), horizon=horizon)
        packed = laws.run(Session(CLAUDE, rule), bodies(working(60), "anthropic.messages"))
        firsts.append(next(number for number, one in enumerate(packed) if one.report.compacted))
    assert firsts == sorted(firsts)
    assert firsts[0] < firsts[-1]


def test_what_is_written_for_an_hour_is_rewritten_at_its_price() -> None:
    """That is twice the input price, not 1.25 times, so that a compaction waits for more rent: by the last marker."""
    hour, requests = {**MARK, "ttl": "1h"}, bodies(working(60), "anthropic.messages")
    costs = []
    for opening, end in ((MARK, MARK), (hour, MARK), (hour, hour)):
        marked = [_marked(body, opening) | {"cache_control": end} for body in requests]
        reports = [one.report for one in laws.run(Session(CLAUDE, "balanced"), marked)]
        costs.append(next((number, one.compaction.cost) for number, one in enumerate(reports) if one.compacted))
    short, mixed, long = costs
    assert short == mixed
    assert short[0] < long[0]
    assert short[1] * 1.4 < long[1]


def _marked(body: dict, mark: dict) -> dict:
    return {**body, "system": [{**body["system"][0], "cache_control": mark}]}


@pytest.mark.parametrize("policy", ["balanced", "tight", COMPACTING, REMOVING_ALL])
def test_nothing_is_taken_out_of_a_prompt_that_costs_nothing(policy: str | Policy) -> None:
    free = Price(input=0, cache_read=0, cache_write=0, output=0)
    packed = laws.run(Session(CLAUDE, policy, price=free), bodies(working(12), "anthropic.messages"))
    assert not any(one.report.compacted for one in packed)


def test_a_horizon_is_positive() -> None:
    with pytest.raises(PolicyError, match="horizon"):
        Policy("mine", horizon=0)
