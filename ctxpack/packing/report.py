"""Report: what packing did to each block, why, and what it is expected to save."""

from dataclasses import asdict, dataclass, field
from typing import Literal

from ctxpack.packing.rewrites import Action


@dataclass(frozen=True, slots=True)
class Entry:
    """One rewritten text.

    Attributes:
        path: where it stands in the original body.
        action: what was done to it.
        handle: gives the original back: `session.original(handle)`.
        tokens_before: tokens of the original text.
        tokens_after: tokens of the packed text.
    """

    path: str
    action: Action
    handle: str
    tokens_before: int
    tokens_after: int


@dataclass(frozen=True, slots=True)
class Report:
    """What packing did to one request.

    Attributes:
        policy: name of the policy.
        tokens_before: tokens of the body as given.
        tokens_after: tokens of the packed body.
        exactness: "exact" where both equal the provider's own count, else "estimate".
        expected_before: expected money for the input of this request had nothing ever been packed (forecast).
        expected_after: expected money for the input of the packed request (forecast).
        currency: of both.
        entries: every rewritten text of the prompt, those of earlier requests included.
        compacted: True where this request rewrites history that was sent before (a declared compaction).
        summary: who wrote the summary in the packed prompt, "" where there is none.
        fallback: why a summarizer's text was not taken for it, "" where it was or none was asked.
        reason: why the body was left as it was, "" where it was not.
    """

    policy: str
    tokens_before: int = 0
    tokens_after: int = 0
    exactness: Literal["exact", "estimate"] = "estimate"
    expected_before: float = 0.0
    expected_after: float = 0.0
    currency: str = ""
    entries: tuple[Entry, ...] = field(default=())
    compacted: bool = False
    reason: str = ""
    summary: Literal["", "mechanical", "summarizer"] = ""
    fallback: str = ""

    def to_dict(self) -> dict[str, object]:
        return asdict(self)
