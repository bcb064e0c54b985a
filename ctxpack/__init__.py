"""Counts, fingerprints and packs LLM prompts so that fewer tokens are billed, and proves the saving.

Names are imported on first use, so that `import ctxpack` costs next to nothing.
"""

TYPE_CHECKING = False  # the name in typing, without what importing that costs
if TYPE_CHECKING:
    from ctxpack import errors as errors
    from ctxpack import packing as packing
    from ctxpack import providers as providers
    from ctxpack import tokens as tokens
    from ctxpack.auditing import audit as audit
    from ctxpack.packing.packed import Packed as Packed
    from ctxpack.packing.policy import Policy as Policy
    from ctxpack.packing.session import Session as Session
    from ctxpack.prefix import diff as diff
    from ctxpack.prompts import Prompt as Prompt
    from ctxpack.tokens import Encoding as Encoding
    from ctxpack.tokens import count as count
    from ctxpack.tokens import encoding as encoding
    from ctxpack.tokens import encoding_for as encoding_for

__version__ = "0.1.0"

_HOMES = {
    "Encoding": "ctxpack.tokens",
    "Packed": "ctxpack.packing.packed",
    "Policy": "ctxpack.packing.policy",
    "Prompt": "ctxpack.prompts",
    "Session": "ctxpack.packing.session",
    "audit": "ctxpack.auditing",
    "count": "ctxpack.tokens",
    "diff": "ctxpack.prefix",
    "encoding": "ctxpack.tokens",
    "encoding_for": "ctxpack.tokens",
}

# The rooms that users take names from: `ctxpack.errors.CtxpackError`.
_ROOMS = {"errors", "packing", "providers", "tokens"}

__all__ = [
    "Encoding",
    "Packed",
    "Policy",
    "Prompt",
    "Session",
    "__version__",
    "audit",
    "count",
    "diff",
    "encoding",
    "encoding_for",
    "errors",
    "packing",
    "providers",
    "tokens",
]


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return __import__(f"ctxpack.{name}", fromlist=["__name__"])  # which gives this module the name, too
    if name not in _HOMES:
        raise AttributeError(f"module 'ctxpack' has no attribute {name!r}")
    value = getattr(__import__(_HOMES[name], fromlist=[name]), name)  # importlib would import more than it
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
