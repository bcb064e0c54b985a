"""Requests of the anthropic SDK, and what was recorded of them."""

from typing import Any

import anthropic

from ctxpack.middleware.anthropic import CtxpackMiddleware

MODEL = "claude-opus-4-6"


def ask(client: anthropic.Anthropic, messages: list[dict[str, Any]], **more: Any) -> anthropic.types.Message:
    return client.messages.create(model=MODEL, max_tokens=16, messages=messages, **more)


def recorded(middleware: CtxpackMiddleware) -> tuple[int, int]:
    """Requests recorded, and their input tokens as billed."""
    calibration = middleware.sessions.session(MODEL).calibration
    return calibration.requests, calibration.billed
