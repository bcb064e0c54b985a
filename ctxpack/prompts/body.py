"""Bodies in every form that callers have them in: as JSON bytes, and the model that they name."""

import json
import math
from collections.abc import Mapping

import msgspec

from ctxpack.errors import BodyError
from ctxpack.prompts.halves import without_halves

Body = Mapping[str, object] | str | bytes | bytearray | memoryview


def to_bytes(body: Body) -> bytes:
    """A body as JSON bytes. Half a surrogate pair, which is no UTF-8, is written as its escape.

    Raises:
        BodyError: it cannot be written as JSON, or not as the same values (NaN, dates, decimals, bytes).
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray | memoryview):
        return bytes(body)
    try:
        if isinstance(body, str):
            return body.encode(errors="backslashreplace")
        if isinstance(body, Mapping):
            _check(body)
            return _encoded(dict(body))
    except BodyError:
        raise
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise BodyError(f"the body cannot be written as JSON: {type(error).__name__}") from None
    raise BodyError(f"a body is a mapping, str or bytes, not {type(body).__name__}")


def _encoded(body: dict[str, object]) -> bytes:
    """JSON without white space, all but halves of surrogate pairs in UTF-8."""
    try:
        return msgspec.json.encode(body, enc_hook=_plain)
    except UnicodeEncodeError:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain)
        return text.encode(errors="backslashreplace")


class _Named(msgspec.Struct):
    model: str | None = None


_NAMED = msgspec.json.Decoder(_Named)


def model_of(body: Body) -> str:
    """The model that a body names, "" where it names none; the rest is not read. O(bytes), of a mapping O(1).

    Raises:
        BodyError: it is no JSON object, or its model is no string.
    """
    if isinstance(body, Mapping):
        model = body.get("model")
    else:
        try:
            model = _named(to_bytes(body)).model
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BodyError("the body is not a JSON object with a model") from None
    if not isinstance(model, str | None):
        raise BodyError("the body's model is not a string")
    return model or ""


def _named(data: bytes) -> _Named:
    try:
        return _NAMED.decode(data)
    except msgspec.DecodeError:
        return _NAMED.decode(without_halves(data))


def _check(value: object) -> None:
    """Refuses what the encoder would write as another value: NaN as null, a date as a string. O(values).

    Raises:
        BodyError: there is such a value; names its type.
    """
    if isinstance(value, Mapping):
        for member in value.values():
            _check(member)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    elif isinstance(value, float) and not math.isfinite(value):
        raise BodyError(f"the body cannot be written as JSON: it holds {value}")
    elif not (value is None or isinstance(value, str | int | float) or hasattr(value, "model_dump")):
        raise BodyError(f"the body cannot be written as JSON: it holds a {type(value).__name__}")


def _plain(value: object) -> object:
    """What an SDK object stands for; agents put the SDK's own response blocks back into their messages."""
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise TypeError(type(value).__name__)
    return dump(mode="json", by_alias=True, exclude_unset=True)
