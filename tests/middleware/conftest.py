from collections.abc import Iterator

import anthropic
import pytest

from ctxpack.middleware.anthropic import CtxpackMiddleware
from tests.middleware.server import Provider, serving


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving() as running:
        yield running


@pytest.fixture
def middleware() -> CtxpackMiddleware:
    return CtxpackMiddleware()


@pytest.fixture
def client(provider: Provider, middleware: CtxpackMiddleware) -> Iterator[anthropic.Anthropic]:
    """The anthropic SDK's, in front of the provider."""
    with anthropic.Anthropic(api_key="k", base_url=provider.url, middleware=[middleware]) as made:
        yield made
