"""Errors reach the process that asked a worker, as they were raised."""

import pickle

import pytest

from ctxpack import errors

RAISED = [errors.BudgetError(9, 5, "messages[0].content", 7)] + [
    kind("why")
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.CtxpackError) and kind is not errors.BudgetError
]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_an_error_is_pickled_as_a_whole(error: errors.CtxpackError) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other), vars(other)) == (type(error), str(error), vars(error))
