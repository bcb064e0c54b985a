"""A local HTTP server that speaks both providers' response formats and keeps what it was sent."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

ANTHROPIC_USAGE = {
    "input_tokens": 9,
    "cache_read_input_tokens": 90,
    "cache_creation_input_tokens": 1,
    "output_tokens": 2,
}
OPENAI_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 2,
    "total_tokens": 102,
    "prompt_tokens_details": {"cached_tokens": 64},
}


class Provider(ThreadingHTTPServer):
    """Answers every request.

    Attributes:
        bodies: what it was sent, with `paths`.
        failures: status codes to answer with first.
        cuts: how many answers break off in the middle first.
        compresses: whether streams are sent with gzip.
        go_on: streams stop behind their first event until it is set.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.failures: list[int] = []
        self.cuts = 0
        self.compresses = False
        self.go_on = Event()
        self.go_on.set()
        self.lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.paths.append(self.path)
            failure = self.server.failures.pop(0) if self.server.failures else None
        request = json.loads(body)
        if failure:
            self._send(failure, "application/json", json.dumps({"error": {"type": "overloaded", "message": "busy"}}))
        elif request.get("stream"):
            self._stream(events(self.path, request))
        else:
            self._send(200, "application/json", json.dumps(_answer(self.path, request)))

    def _send(self, status: int, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            self.close_connection = True
            data = data[: len(data) // 2]
        self.wfile.write(data)

    def _stream(self, events: Iterator[str]) -> None:
        """Each event in a chunk of its own."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        if self.server.compresses:
            self.send_header("content-encoding", "gzip")
        self.end_headers()
        whole = [gzip.compress("".join(events).encode())] if self.server.compresses else map(str.encode, events)
        for data in [*whole, b""]:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.flush()
            self.server.go_on.wait()

    def log_message(self, *args: object) -> None:
        pass


def _answer(path: str, request: dict) -> dict:
    if path.startswith("/v1/messages/count_tokens"):
        return {"input_tokens": 7}
    if path.startswith("/v1/messages"):
        return _message(request)
    if path.endswith(":rawPredict"):
        return _message({"model": path.rpartition("/")[2].removesuffix(":rawPredict")})
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "done"}}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": request["model"],
        "choices": [choice],
        "usage": OPENAI_USAGE,
    }


def _message(request: dict) -> dict:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [{"type": "text", "text": "done"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE,
    }


def events(path: str, request: dict) -> Iterator[str]:
    if path.startswith("/v1/messages"):
        started = _message(request) | {"content": [], "stop_reason": None}
        delta = {"type": "text_delta", "text": "done"}
        streamed = [
            {"type": "message_start", "message": started},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ]
        yield from (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in streamed)
        return
    choice = {"index": 0, "delta": {"role": "assistant", "content": "done"}, "finish_reason": None}
    chunk = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": request["model"],
        "choices": [choice],
        "usage": None,
    }
    yield f"data: {json.dumps(chunk)}\n\n"
    if (request.get("stream_options") or {}).get("include_usage"):
        yield f"data: {json.dumps(chunk | {'choices': [], 'usage': OPENAI_USAGE})}\n\n"
    yield "data: [DONE]\n\n"


@contextmanager
def serving() -> Iterator[Provider]:
    provider = Provider()
    thread = Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        thread.join()
        provider.server_close()
