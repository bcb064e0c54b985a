"""Encodings that many tests are about."""

import pytest

from ctxpack.tokens import Encoding, encoding
from tests.tokens.pairs import NAMES, Pair, pair_named


@pytest.fixture(scope="session", params=NAMES)
def pair(request: pytest.FixtureRequest) -> Pair:
    return pair_named(request.param)


@pytest.fixture(scope="session")
def o200k() -> Encoding:
    return encoding("o200k_base")
