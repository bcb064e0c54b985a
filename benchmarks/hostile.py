"""Packs tool results that were made to hurt, each in a process of its own: seconds and memory for each megabyte.

    python -m benchmarks.hostile [--policy lossless --policy balanced] [--text logs]

Prints tab-separated lines: text, policy, megabytes of text, seconds to pack it, seconds to pack it again, megabytes of
memory above what a small body takes, tokens before and after. Checks that every original comes back and that a repeat
sends the same bytes. Exits with 1 where something takes longer than SLOWEST or more memory than LARGEST.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Callable

from ctxpack.packing import Session
from ctxpack.packing.policy import PRESETS

MODEL = "claude-sonnet-4-5"
# Seconds and megabytes of memory for each megabyte of text; what docs/packing.md promises.
SLOWEST = 1.0
LARGEST = 50.0


def words(count: int) -> str:
    draw = random.Random(1)
    return " ".join(f"w{draw.randrange(10**6)}" for _ in range(count))


def base64(count: int) -> str:
    return "".join(random.Random(1).choices("ABCDabcd0123+/", k=count))


def edited(count: int, every: int) -> str:
    """A file, and again with every so many lines changed."""
    lines = [f"value_{line} = compute(input_{line * 37 % 1009})" for line in range(count)]
    again = [f"changed_{at} = {at}" if at % every == 0 else line for at, line in enumerate(lines)]
    return "\n".join([*lines, *again])


def lock_file(count: int) -> str:
    draw = random.Random(1)
    return "".join(f'part-{number}: "{draw.randbytes(32).hex()}"\n' for number in range(count))


TEXTS: dict[str, Callable[[], str]] = {
    "a 50 MB line": lambda: "x" * 50_000_000,
    "a 20 MB line of words": lambda: words(2_600_000),
    "10^6 numbers": lambda: json.dumps(list(range(1_000_000))),
    "10^6 objects": lambda: json.dumps([{"a": number, "b": "x"} for number in range(1_000_000)]),
    "10^5 nested arrays": lambda: "[" * 100_000 + "]" * 100_000,
    "10^5 nested objects": lambda: '{"a":' * 100_000 + "1" + "}" * 100_000,
    "escape sequences without an end": lambda: "\x1b]" * 5_000_000,
    "control sequences without an end": lambda: "\x1b[" * 5_000_000,
    "carriage returns": lambda: "a\r" * 5_000_000,
    "empty lines": lambda: "\n" * 10_000_000,
    "blanks": lambda: (" " * 1000 + "\n") * 10_000,
    "numbered empty lines": lambda: "".join(f"{number}\t\n" for number in range(1_000_000)),
    "markers": lambda: "[ctxpack:deadbeef lines 1-3: same as above]\n" * 200_000,
    "markers without an end": lambda: "[ctxpack:deadbeef " * 500_000,
    "one line over and over": lambda: "the same line of text\n" * 500_000,
    "logs": lambda: "".join(f"10:00:{n % 60:02d} job {n} took {n % 997} ms\n" for n in range(300_000)),
    "logs of words of one letter": lambda: ("a 1 " * 5_000 + "\n") * 500,
    "logs of many kinds": lambda: "".join(f"{'|' * (n % 60)}a {n} b\n" for n in range(300_000)),
    "base64": lambda: base64(10_000_000),
    "a 50 MB line of minified code": lambda: "".join(f"f{n}(a,b[{n % 97}]);" for n in range(2_700_000)),
    "minified lines": lambda: "\n".join("".join(f"f{n % 900}(a,{n});" for n in range(m, m + 200)) for m in range(4000)),
    "lines just too short to be minified": lambda: ("f(a,b[1]);" * 199 + "\n") * 4000,
    "a source map": lambda: f'{{"version":3,"mappings":"{base64(10_000_000)}"}}',
    "a lock file": lambda: lock_file(100_000),
    "10^6 lines that differ in a number": lambda: "".join(f"row {n} of the table is fine\n" for n in range(1_000_000)),
    "a file again, every other line changed": lambda: edited(100_000, 2),
    "a file again, every fourth line changed": lambda: edited(100_000, 4),
    "a file again, every tenth line changed": lambda: edited(100_000, 10),
    "short lines again": lambda: "".join(f"{n}\n" for n in range(400_000)) * 2,
    "two lines in turn": lambda: "the one line of text\nthe other line of it\n" * 200_000,
    "short pointers": lambda: "[ctxpack lines 4-9: same]\n" * 200_000,
}
# What the result answers, where that makes a difference.
COMMANDS = {"a lock file": "cat yarn.lock"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policy", action="append", choices=list(PRESETS), help="every preset by default")
    texts = f"every one by default: {', '.join(TEXTS)}"
    parser.add_argument("--text", action="append", choices=list(TEXTS), metavar="TEXT", help=texts)
    options = parser.parse_args()
    print("text", "policy", "MB", "s", "s again", "MB of memory", "tokens", "packed", sep="\t")
    failed = False
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name in options.text or TEXTS:
            for policy in options.policy or PRESETS:
                size, first, again, memory, before, after = pool.apply(measured, (name, policy))
                failed |= first > SLOWEST * max(size, 1) or memory > LARGEST * max(size, 1)
                print(
                    name,
                    policy,
                    f"{size:.1f}",
                    f"{first:.2f}",
                    f"{again:.2f}",
                    f"{memory:.0f}",
                    before,
                    after,
                    sep="\t",
                )
                sys.stdout.flush()
    return int(failed)


def measured(name: str, policy: str) -> tuple[float, float, float, float, int, int]:
    """Megabytes, seconds, seconds again, megabytes of memory, tokens before and after."""
    session = Session(MODEL, policy)
    session.pack(body("small"), now=0.0)
    text = TEXTS[name]()
    data = body(text, COMMANDS.get(name, "make"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    packed = session.pack(data, now=1.0)
    first = time.perf_counter()
    repeated = session.pack(data, now=2.0)
    again = time.perf_counter()
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert not packed.report.reason, packed.report.reason
    assert repeated.dump() == packed.dump()
    assert all(session.original(entry.handle) == text for entry in packed.report.entries)
    report = packed.report
    return len(text) / 1e6, first - start, again - first, memory, report.tokens_before, report.tokens_after


def body(result: str, command: str = "make") -> bytes:
    """A request with one answered call."""
    call = {"type": "tool_use", "id": "call", "name": "Bash", "input": {"command": command}}
    answer = {"type": "tool_result", "tool_use_id": "call", "content": result}
    messages = [
        {"role": "user", "content": "Build it."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [answer]},
    ]
    return json.dumps({"model": MODEL, "max_tokens": 64, "messages": messages}).encode()


if __name__ == "__main__":
    sys.exit(main())
