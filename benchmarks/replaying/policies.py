"""What packs the requests of one session, in whatever shape it takes them: `read`, `pack` (which is timed), `write`."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from benchmarks.replaying import peers
from benchmarks.replaying.clairvoyant import CLAIRVOYANTS
from benchmarks.replaying.comparators import COMPARATORS, Change
from benchmarks.replaying.messages import Message, strings
from benchmarks.replaying.sessions import Session
from ctxpack import packing
from ctxpack.packing.policy import PRESETS
from ctxpack.packing.report import Entry

PEERS = peers.PEERS
_BALANCED = PRESETS["balanced"]
# Presets, one with summaries in place of compaction, and some with a budget of tokens.
OWN: dict[str, tuple[packing.Policy, int | None]] = {
    **{name: (preset, None) for name, preset in PRESETS.items()},
    "balanced-summaries": (replace(_BALANCED, compaction=None, summaries=packing.Summaries()), None),
    **{f"{name}-{size // 1000}k": (PRESETS[name], size) for name in ("balanced", "tight") for size in (40_000, 60_000)},
}
NAMES = [*OWN, *COMPARATORS, *CLAIRVOYANTS, *PEERS]


class Packs(ABC):
    """Packs a session's requests in order."""

    @abstractmethod
    def read(self, body: bytes) -> Any: ...

    @abstractmethod
    def pack(self, given: Any) -> Any: ...

    @abstractmethod
    def write(self, packed: Any) -> bytes: ...

    def original(self, handle: str) -> str:
        """The text that a handle of ctxpack's stands for."""
        return ""

    def unrecovered(self, body: bytes) -> int:
        """Rewritten texts of the last prompt whose original does not come back byte for byte."""
        return 0


def policy(name: str, session: Session, constant: int) -> Packs:
    """What packs this session behind a constant block of so many tokens.

    Raises:
        ImportError: its library is not installed.
    """
    if name in OWN:
        return Own(*OWN[name], session.model)
    if name in COMPARATORS:
        return Changes(COMPARATORS[name])
    if name in CLAIRVOYANTS:
        return Changes(CLAIRVOYANTS[name](session.requests))
    return Peer(PEERS[name].make(constant), PEERS[name].shape)


def sees_constant(name: str) -> bool:
    """Whether what a policy does depends on the constant block."""
    return name in PEERS and PEERS[name].sees_constant


def labelled(name: str) -> str:
    """The name with the version of its library."""
    if name not in PEERS:
        return name
    try:
        return f"{name} ({version(PEERS[name].package)})"
    except PackageNotFoundError:
        return f"{name} (not installed)"


class Own(Packs):
    """ctxpack: bytes in, bytes out."""

    def __init__(self, own: packing.Policy, budget: int | None, model: str) -> None:
        self.session, self.sent = packing.Session(model, own, budget=budget), 0
        self.entries: tuple[Entry, ...] = ()

    def read(self, body: bytes) -> bytes:
        return body

    def pack(self, given: bytes) -> bytes:
        packed = self.session.pack(given, now=float(self.sent))
        assert not packed.report.reason, packed.report.reason
        self.entries, self.sent = packed.report.entries, self.sent + 1
        return packed.dump()

    def write(self, packed: bytes) -> bytes:
        return packed

    def original(self, handle: str) -> str:
        return self.session.original(handle)

    def unrecovered(self, body: bytes) -> int:
        originals, raw = "\0".join(strings(msgspec.json.decode(body))), body.decode()
        texts = [self.session.original(entry.handle) for entry in self.entries if entry.action != "summarised"]
        return sum(text not in originals and text not in raw for text in texts)


class Changes(Packs):
    """A plain function that changes messages in place."""

    def __init__(self, change: Change) -> None:
        self.change, self.sent = change, 0

    def read(self, body: bytes) -> Message:
        return msgspec.json.decode(body, type=Message)

    def pack(self, given: Message) -> Message:
        self.change(given["messages"], self.sent)
        self.sent += 1
        return given

    def write(self, packed: Message) -> bytes:
        return msgspec.json.encode(packed)


class Peer(Packs):
    """A library: messages of its shape in, the same out, the rest of the body as it was."""

    def __init__(self, compress: Callable[[Any], Any], shape: peers.Shape) -> None:
        self.compress, self.shape = compress, shape
        self.body: Message = {}

    def read(self, body: bytes) -> Any:
        self.body = msgspec.json.decode(body, type=Message)
        return self.shape.given(self.body["messages"])

    def pack(self, given: Any) -> Any:
        return self.compress(given)

    def write(self, packed: Any) -> bytes:
        return msgspec.json.encode({**self.body, "messages": self.shape.back(packed)})
