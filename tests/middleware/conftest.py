from collections.abc import Iterator

import pytest

from tests.middleware.server import Provider, serving


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving() as running:
        yield running
