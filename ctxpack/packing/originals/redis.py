"""Originals in a Redis server."""

import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast

from ctxpack.errors import StoreError
from ctxpack.packing.originals.content import (
    DIGEST_SIZE,
    check_bounds,
    compressed,
    digest_of,
    encoded,
    handles,
    is_handle,
    missing,
    note_name,
    to_text,
)
from ctxpack.packing.originals.protocol import Originals

if TYPE_CHECKING:
    from redis import Redis

# Keys asked for at once.
_ASKED = 500


class RedisOriginals(Originals):
    """Originals in a Redis server, compressed, shared by a fleet. Needs the extra `redis`.

    Args:
        url: `redis://`, `rediss://` or `unix://`, as `redis.Redis.from_url` takes it.
        max_age: seconds that a text stays without use; the server drops it then. Bound its memory at the server.
        timeout: seconds that a call waits for the server.

    Raises:
        StoreError: the package is missing, the URL is none, or a bound is not positive.

    Connects at the first use. Thread-safety: safe; processes may share the server.
    """

    def __init__(self, url: str, *, max_age: float = 30 * 86_400, timeout: float = 2.0) -> None:
        check_bounds(max_age=max_age, timeout=timeout)
        self._max_age = math.ceil(max_age)
        try:
            import redis
        except ImportError as error:
            needed = "pip install 'ctxpack[redis]' ('.[redis]' in a clone)"
            raise StoreError(f"a Redis store needs the extra redis: {needed}") from error
        self._error = redis.RedisError
        try:
            self._client = redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
        except ValueError:
            # The URL may hold a password.
            raise StoreError("the store's URL is none that Redis knows") from None

    def put(self, text: str) -> str:
        data = encoded(text)
        digest = digest_of(data)
        for handle in handles(digest):
            kept = self._used(handle)
            if kept is None:
                with self._asking() as client:
                    client.set(_key(handle), digest + compressed(data), nx=True, ex=self._max_age)
                kept = self._used(handle)
            if kept is not None and kept.startswith(digest):
                return handle
        raise StoreError("two texts have the same hash")

    def get(self, handle: str) -> str:
        kept = self._used(handle) if is_handle(handle) else None
        if kept is None:
            raise missing(handle)
        try:
            return to_text(kept[DIGEST_SIZE:])
        except (ValueError, zlib.error) as error:
            raise StoreError(f"the Redis store: what is stored under {handle!r} is damaged") from error

    def note(self, key: str, text: str) -> None:
        with self._asking() as client:
            client.set(_key(note_name(key)), compressed(encoded(text)), ex=self._max_age)

    def noted(self, keys: Sequence[str]) -> tuple[int, str] | None:
        for first in range(0, len(keys), _ASKED):
            with self._asking() as client:
                found = cast("list[bytes | None]", client.mget([_key(note_name(key)) for key in keys[first:][:_ASKED]]))
            for place, data in enumerate(found, first):
                if data is not None:
                    with suppress(ValueError, zlib.error):
                        return place, to_text(data)
        return None

    def close(self) -> None:
        """Closes the connections; the next use opens one."""
        self._client.close()

    def _used(self, handle: str) -> bytes | None:
        """What is kept under a handle, which stays for another `max_age`."""
        with self._asking() as client:
            return cast("bytes | None", client.getex(_key(handle), ex=self._max_age))

    @contextmanager
    def _asking(self) -> "Iterator[Redis]":
        try:
            yield self._client
        except self._error as error:
            # The error's own text may hold what was sent, and a traceback would show it.
            raise StoreError(f"the Redis store: {type(error).__name__}") from None


def _key(handle: str) -> str:
    return f"ctxpack:{handle}"
