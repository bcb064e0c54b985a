"""What all adapters hand to their sessions."""

from collections.abc import Callable
from typing import Any

import pytest

from ctxpack.errors import PolicyError, UnknownModelError
from ctxpack.middleware.anthropic import CtxpackMiddleware
from ctxpack.middleware.openai import async_http_client, http_client
from ctxpack.middleware.sessions import Sessions

ADAPTERS = pytest.mark.parametrize("adapter", [Sessions, CtxpackMiddleware, http_client, async_http_client])


def sessions_of(made: Any) -> Sessions:
    return made if isinstance(made, Sessions) else made.sessions


@ADAPTERS
def test_a_name_stands_for_its_model(adapter: Callable[..., Any]) -> None:
    sessions = sessions_of(adapter(models={"our-assistant": "gpt-4o"}))
    assert sessions.session("our-assistant") is sessions.session("gpt-4o")


@ADAPTERS
def test_settings_that_could_never_pack_are_refused_at_once(adapter: Callable[..., Any]) -> None:
    for budget in (0, -1, 1.5, "100"):
        with pytest.raises(PolicyError, match="budget"):
            adapter(budget=budget)
    with pytest.raises(UnknownModelError, match="nonsense-9"):
        adapter(models={"our-assistant": "nonsense-9"})
