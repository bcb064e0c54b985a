"""A local HTTP server that speaks both providers' response formats and keeps what it was sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

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
    """Answers every request; `failures` holds status codes to answer with first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.failures: list[int] = []
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
            self._send(200, "text/event-stream", "".join(_events(self.path, request)))
        else:
            self._send(200, "application/json", json.dumps(_answer(self.path, request)))

    def _send(self, status: int, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


def _answer(path: str, request: dict) -> dict:
    if path.startswith("/v1/messages/count_tokens"):
        return {"input_tokens": 7}
    if path.startswith("/v1/messages"):
        return _message(request)
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


def _events(path: str, request: dict) -> Iterator[str]:
    if path.startswith("/v1/messages"):
        started = _message(request) | {"content": [], "stop_reason": None}
        delta = {"type": "text_delta", "text": "done"}
        events = [
            {"type": "message_start", "message": started},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ]
        yield from (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        return
    choice = {"index": 0, "delta": {"role": "assistant", "content": "done"}, "finish_reason": None}
    chunk = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": request["model"],
        "choices": [choice],
    }
    yield f"data: {json.dumps(chunk)}\n\n"
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
