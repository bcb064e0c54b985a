"""Tokens of images: by the size that stands in a header, whatever the bytes are."""

from base64 import b64encode
from math import ceil
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.tokens.images import PaddedPatches, Patches, Tiles, image_rule, image_size

PNG = b"\x89PNG\r\n\x1a\n" + pack(">I4sII", 13, b"IHDR", 640, 480) + bytes(13)
GIF = b"GIF89a" + pack("<HH", 640, 480) + bytes(30)
JPEG = (
    b"\xff\xd8"
    + b"\xff\xe1\x00\x06EXIF"
    + b"\xff"
    + b"\xff\xc4\x00\x04ab"
    + b"\xff\xc2\x00\x11\x08"
    + pack(">HH", 480, 640)
    + bytes(9)
)
LOSSY = b"RIFF\0\0\0\0WEBPVP8 " + bytes(4) + bytes(3) + b"\x9d\x01\x2a" + pack("<HH", 640, 480)
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f" + pack("<I", 639 | 479 << 14) + bytes(5)
EXTENDED = b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
FORMATS = {"png": PNG, "gif": GIF, "jpeg": JPEG, "lossy": LOSSY, "lossless": LOSSLESS, "extended": EXTENDED}


def encoded(data: bytes) -> str:
    return b64encode(data).decode()


@pytest.mark.parametrize("data", FORMATS.values(), ids=FORMATS)
def test_the_size_is_read_from_the_header(data: bytes) -> None:
    assert image_size(encoded(data)) == (640, 480)


@pytest.mark.parametrize("data", FORMATS.values(), ids=FORMATS)
def test_a_cut_or_empty_image_has_no_size(data: bytes) -> None:
    assert all(image_size(encoded(data[:end])) in (None, (640, 480)) for end in range(len(data)))
    assert image_size(encoded(data[:12])) is None
    assert image_size(encoded(PNG.replace(pack(">II", 640, 480), bytes(8)))) is None


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=60), st.integers(0, 40))
def test_any_bytes_have_a_size_or_none(name: str, noise: bytes, at: int) -> None:
    size = image_size(encoded(FORMATS[name][:at] + noise))
    assert size is None or min(size) > 0


@given(st.text(max_size=60))
def test_what_is_no_base64_has_no_size(text: str) -> None:
    assert image_size("é" + text) is None


@pytest.mark.parametrize(
    ("model", "width", "height", "tokens"),
    [
        ("gpt-4o", 1024, 1024, 765),
        ("gpt-4o", 16, 16, 255),
        ("gpt-4o", 4096, 2048, 85 + 6 * 170),
        ("gpt-4o-mini", 512, 512, 2833 + 5667),
        ("gpt-4.1-mini", 64, 33, 7),
        ("gpt-4.1", 1800, 2400, 33 * 44),
        ("gpt-4.1", 10_000, 10_000, 39 * 39),
        ("gpt-4.1", 2000, 3000, 32 * 48),
        ("gpt-4.1", 1, 4_000_000_000, 1536),
        ("gpt-5-mini", 597, 566, 411),
        ("claude-haiku-4-5", 128, 128, 25),
        ("claude-haiku-4-5", 1092, 1092, 39 * 39),
        ("claude-haiku-4-5", 4000, 4000, 39 * 39),
        ("claude-haiku-4-5", 3000, 4500, 32 * 48),
        ("claude-haiku-4-5", 4000, 2000, 56 * 28),
        ("claude-haiku-4-5", 1, 2453, 56),
        ("claude-opus-4-8", 4000, 4000, 69 * 69),
        ("anthropic/claude-opus-5", 4000, 1000, 92 * 23),
    ],
)
def test_published_rules(model: str, width: int, height: int, tokens: int) -> None:
    rule = image_rule(model)
    assert rule is not None
    assert rule.tokens(width, height, low=False) == tokens


def test_low_detail_costs_the_base() -> None:
    assert Tiles(512, 2048, 768, 85, 170).tokens(4000, 4000, low=True) == 85
    assert Patches(32, 1536).tokens(64, 64, low=True) == 4


@given(st.integers(1, 9000), st.integers(1, 9000), st.sampled_from([100, 1568, 4784]), st.sampled_from([1568, 10_000]))
def test_a_large_image_keeps_the_largest_size_that_its_limits_allow(
    width: int, height: int, most: int, edge: int
) -> None:
    """Sizes at which a side is a whole number of squares are the largest of as many."""
    scales = [28 * n / side for side in (width, height) for n in range(1, most + 1)]
    least = min(1.0, edge / max(width, height))
    fits = [
        columns * rows
        for scale in (least, *(scale for scale in scales if scale <= least))
        if (columns := ceil(width * scale / 28 - 1e-9)) * (rows := ceil(height * scale / 28 - 1e-9)) <= most
    ]
    assert PaddedPatches(28, most, edge).tokens(width, height, low=False) == max(fits, default=0)


def test_no_rule_is_assumed() -> None:
    assert image_rule("qwen3-vl") is None
