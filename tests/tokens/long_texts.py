"""One megabyte of one pattern: the texts on which tokenizers are known to be slow, wrong or to crash."""

import base64
import random
from collections.abc import Callable

MEGABYTE = 1_000_000


def drawn(alphabet: str) -> Callable[[], str]:
    return lambda: "".join(random.Random(7).choices(alphabet, k=MEGABYTE // len(alphabet[0].encode())))


def characters(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last)))


TEXTS: dict[str, Callable[[], str]] = {
    "a_run": lambda: "a" * MEGABYTE,
    "ab_random_letters": drawn("abcdefghijklmnopqrstuvwxyz"),
    "base64": lambda: base64.b64encode(random.Random(7).randbytes(MEGABYTE * 3 // 4)).decode(),
    "cjk_run": drawn(characters(0x4E00, 0x9FA6)),
    "digits": drawn("0123456789"),
    "emoji": drawn(characters(0x1F600, 0x1F650)),
    "eq_dash": drawn("=-"),
    "hex": drawn("0123456789abcdef"),
    "latin1_random": drawn(characters(0xC0, 0x100)),
    "min_js": drawn("abcdefxyz(){};=.,+01"),
    "mixed_ws": drawn("  \t\n\r"),
    "newline_run": lambda: "\n" * MEGABYTE,
    "punct_run": lambda: "!" * MEGABYTE,
    "rare_planes": drawn(characters(0x10400, 0x10450) + characters(0x20000, 0x20100)),
    "space_run": lambda: " " * MEGABYTE,
    "thai_no_space": drawn(characters(0x0E01, 0x0E2F)),
    "upper_lower": drawn("aAbBcC"),
}
