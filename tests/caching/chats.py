"""Fingerprints of chats."""

from typing import Any

from ctxpack.prefix import Fingerprint, fingerprint
from ctxpack.prompts import Prompt

LONG = "word " * 1500


def prompt(model: str, *texts: str, **more: Any) -> Fingerprint:
    messages = [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(texts)]
    return fingerprint(Prompt.parse({"model": model, "messages": messages} | more))
