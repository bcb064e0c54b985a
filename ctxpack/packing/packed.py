"""Packed: what a session makes of a request body, in the form that the caller gave it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

import msgspec

from ctxpack.caching import Forecast
from ctxpack.packing.report import Report
from ctxpack.prompts import Body

if TYPE_CHECKING:  # typing's own has defaults from Python 3.13 on
    from typing_extensions import TypeVar

    Given = TypeVar("Given", covariant=True, default=Any)
else:
    from typing import TypeVar

    Given = TypeVar("Given", covariant=True)


@dataclass(frozen=True, slots=True)
class Packed(Generic[Given]):
    """A packed request; its repr holds no text of the prompt. A type checker knows it by its body: `Packed[bytes]`.

    Attributes:
        body: the packed body, of the type that was given: a mapping comes back as a dict, a str as a str, any
            bytes-like object as bytes.
        forecast: predicted usage and input bill of sending it; None where an error left the body as it was.
        report: what was done and why.
        dialect: wire format of the body, "" where an error left it as it was.
    """

    body: Given = field(repr=False)
    forecast: Forecast | None
    report: Report
    dialect: str
    data: bytes = field(repr=False)

    def dump(self) -> bytes:
        """The packed body's JSON bytes."""
        return self.data


def as_it_is(body: Body, data: bytes, report: Report) -> Packed:
    """A body that is left as it was; the report says why."""
    same = dict(body) if isinstance(body, Mapping) else like(body, data)
    return Packed(same, None, report, "", data)


def like(body: Body, data: bytes) -> Any:
    """The bytes as the type the caller gave."""
    if isinstance(body, Mapping):
        return _decoded(data)
    return data.decode() if isinstance(body, str) else data


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        # It takes no half of a surrogate pair.
        return json.loads(data)
