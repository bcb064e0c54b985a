"""Bodies that were signed before they come to the transport: what they were signed as is what arrives."""

import hashlib
import json
from collections.abc import Iterator

import httpx2
import pytest

from ctxpack.middleware.openai import PackTransport
from ctxpack.middleware.sessions import Sessions
from tests.middleware.conversations import openai_messages
from tests.middleware.server import Provider

BODY = json.dumps({"model": "gpt-4o", "messages": openai_messages(3)}).encode()
NAMES = ["content-md5", "digest", "content-digest", "repr-digest", "signature", "x-amz-content-sha256"]


class Signing(httpx2.Auth):
    """As what signs requests of a client does: it runs before the client's transport."""

    requires_request_body = True

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value

    def auth_flow(self, request: httpx2.Request) -> Iterator[httpx2.Request]:
        request.headers[self.name] = self.value.format(hashlib.sha256(request.content).hexdigest())
        yield request


@pytest.mark.parametrize(
    ("name", "value"), [("authorization", "AWS4-HMAC-SHA256 Signature={}"), *[(name, "{}") for name in NAMES]]
)
def test_a_signed_body_goes_out_as_it_was_signed(provider: Provider, name: str, value: str) -> None:
    sessions = Sessions()
    with httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions), auth=Signing(name, value)) as client:
        client.post(f"{provider.url}/v1/chat/completions", content=BODY)
    assert provider.bodies == [BODY]
    assert dict(sessions.reasons) == {"not packed: the body is signed": 1}


@pytest.mark.parametrize("value", ["Bearer sha256", "Basic azpr", ""])
def test_a_key_signs_nothing(provider: Provider, value: str) -> None:
    sessions = Sessions()
    with httpx2.Client(transport=PackTransport(httpx2.HTTPTransport(), sessions)) as client:
        client.post(f"{provider.url}/v1/chat/completions", content=BODY, headers={"authorization": value})
    assert len(provider.bodies[0]) < 0.6 * len(BODY)
    assert not sessions.reasons
