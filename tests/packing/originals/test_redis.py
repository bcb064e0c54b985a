"""The Redis store, against a real server."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctxpack.errors import HandleError, StoreError
from ctxpack.packing import RedisOriginals, Session
from ctxpack.packing.originals import content, open_originals, redis

from ..conversations import CLAUDE, bodies, working
from .texts import TWINS

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.process = subprocess.Popen([*command, "--requirepass", "hunter2"], stdout=subprocess.DEVNULL)
        self.url = f"redis://:hunter2@127.0.0.1:{self.port}/0"

    def wait(self) -> None:
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("redis-server does not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    started.wait()
    yield started
    started.stop()


def test_texts_come_back_also_to_another_client(server: Server) -> None:
    texts = ["", "\0", "\ud800", "a\r\n" * 200_000, *TWINS]
    ours, other = RedisOriginals(server.url), open_originals(server.url)
    handles = [ours.put(text) for text in texts]
    assert [other.get(handle) for handle in handles] == texts
    assert [other.put(text) for text in texts] == handles
    ours.close()
    other.close()


@pytest.mark.parametrize("bounds", [{"max_age": 0}, {"timeout": 0}, {"timeout": "2"}])
def test_bounds_are_positive(bounds: dict[str, Any], server: Server) -> None:
    with pytest.raises(StoreError, match="positive"):
        RedisOriginals(server.url, **bounds)


def test_use_keeps_a_text_and_the_server_drops_it_unused(server: Server) -> None:
    store = RedisOriginals(server.url, max_age=100)
    handle = store.put("text")
    left = store._client.ttl(f"ctxpack:{handle}")
    assert 0 < left <= 100
    store._client.expire(f"ctxpack:{handle}", 5)
    assert store.get(handle) == "text"
    assert store._client.ttl(f"ctxpack:{handle}") > 5
    store._client.delete(f"ctxpack:{handle}")
    with pytest.raises(HandleError, match="dropped"):
        store.get(handle)
    store.close()


def test_sessions_of_a_fleet_share_originals(server: Server) -> None:
    body = bodies(working(24, size=30), "anthropic.messages")[-1]
    ours, other = (Session(CLAUDE, "balanced", store=server.url) for _ in range(2))
    entries = ours.pack(body, now=0.0).report.entries
    assert entries
    assert all(other.original(entry.handle) == ours.original(entry.handle) for entry in entries)
    for session in (ours, other):
        session._originals.close()


def test_a_server_that_goes_away_is_a_store_error_without_the_password(server: Server) -> None:
    store = RedisOriginals(server.url)
    handle = store.put("text")
    server.stop()
    for call in (lambda: store.get(handle), lambda: store.put("other")):
        with pytest.raises(StoreError, match="ConnectionError") as caught:
            call()
        assert "hunter2" not in str(caught.value)
    store.close()


def test_a_wrong_password_and_a_wrong_url_name_no_secret(server: Server) -> None:
    store = RedisOriginals(server.url.replace("hunter2", "secret"))
    with pytest.raises(StoreError, match="Authentication") as caught:
        store.put("text")
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__, "a traceback shows no text of the server's"
    store.close()
    with pytest.raises(StoreError) as caught:
        RedisOriginals("http://:secret@host")
    assert "secret" not in str(caught.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StoreError, match=r"pip install 'ctxpack\[redis\]'"):
        RedisOriginals("redis://localhost")


@pytest.mark.parametrize("kept", [b"z", b"zcut short", b"q\xff"])
def test_what_is_damaged_is_named_without_its_content(server: Server, kept: bytes) -> None:
    store = RedisOriginals(server.url)
    handle = store.put("text")
    store.note("key", "note")
    store._client.set(f"ctxpack:{handle}", b"d" * content.DIGEST_SIZE + kept)
    store._client.set("ctxpack:note:key", kept)
    with pytest.raises(StoreError, match=f"'{handle}' is damaged"):
        store.get(handle)
    assert store.noted(["key"]) is None
    store.close()


def test_texts_that_no_handle_tells_apart_are_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "handles", lambda digest: [digest.hex()[:8]])
    store = RedisOriginals(server.url)
    store.put(TWINS[0])
    with pytest.raises(StoreError, match="the same hash"):
        store.put(TWINS[1])
    store.close()
