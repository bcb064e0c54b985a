"""Sources: parts of JSON by where they stand."""

import json
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxpack.errors import BodyError
from ctxpack.prompts import Source, Span

MEMBERS = ['"a": "x,\\""', '"b" :[1, {"b": 2}]', '"c\\u0063":\n"}"']
GAPS = ["", " ", "\r\n\t"]


def source(text: str) -> Source:
    return Source(text.encode())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{}", "object"),
        ("[]", "array"),
        ('""', "string"),
        ("null", "null"),
        ("true", "true"),
        ("false", "false"),
        ("-1", "number"),
        ("7e2", "number"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    one = source(f"[ {text} ]")
    (item,) = one.items(one.whole, "")
    assert one.kind(item) == kind
    assert one.raw(item) == text.encode()


def test_parts_of_parts_stand_in_the_whole() -> None:
    one = source(' {"a": [ "é", {"b":"x"}], "a" : [1 ,{"b" : "\\u00e9"} ]} ')
    items = one.items(one.members(one.whole, "")["a"], "")
    assert [one.raw(item) for item in items] == [b"1", b'{"b" : "\\u00e9"}'], "the last of equal names"
    assert one.string(one.members(items[1], "")["b"], "") == "é"


@pytest.mark.parametrize("half", [r"\ud83d", r"\uDE00"])
def test_half_a_surrogate_pair_moves_nothing(half: str) -> None:
    one = source(f'{{"{half}" : ["{half}é", {{"k":"v{half}"}}]}}')
    ((name, array),) = one.members(one.whole, "").items()
    first, second = one.items(array, "")
    assert (name, one.string(first, "")) == ("\ufffd", "\ufffdé")
    assert one.value(second) == {"k": "v\ufffd"}
    assert one.raw(first) == f'"{half}é"'.encode()


def test_numbers_that_no_float_can_hold() -> None:
    one = source("[1e400, 1.5, 9007199254740993]")
    assert one.value(one.whole) == [Decimal("1e400"), 1.5, 9007199254740993]


@pytest.mark.parametrize("read", [Source.members, Source.items, Source.string])
@pytest.mark.parametrize("data", [b"7", b"secret", b'{"secret', b'["secret', b'"secret\xff"', b"[" * 5000])
def test_errors_name_the_place_and_never_the_text(read: Callable[..., object], data: bytes) -> None:
    one = Source(data)
    with pytest.raises(BodyError, match=r"^tools\[2\] is not a JSON ") as failure:
        read(one, one.whole, "tools[2]")
    assert "secret" not in str(failure.value)
    assert "secret" not in repr(one)


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_object_loses_one_member_with_one_comma(gap: str, count: int) -> None:
    for members in combinations(MEMBERS, count):
        one = source("{" + gap + f"{gap},{gap}".join(members) + gap + "}")
        whole = json.loads(one.data)
        for name, value in one.members(one.whole, "").items():
            left = one.without(one.whole, [one.member_extent(one.whole, value)])
            assert json.loads(left) == {other: whole[other] for other in whole if other != name}


@given(st.binary(), st.lists(st.integers(0, 20), max_size=6, unique=True))
def test_ranges_are_left_out_in_any_order(data: bytes, places: list[int]) -> None:
    ends = sorted(min(place, len(data)) for place in places)
    cuts = [Span(*pair) for pair in zip(ends[::2], ends[1::2], strict=False)]
    kept = bytes(byte for at, byte in enumerate(data) if not any(cut.start <= at < cut.stop for cut in cuts))
    assert Source(data).without(Span(0, len(data)), cuts[::-1]) == kept
