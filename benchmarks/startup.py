"""From import to the first count, in a new process for each peer: CPU milliseconds, and megabytes that it grew by.

    python -m benchmarks.startup [ENCODING ...] [--peer NAME] [--runs 5] [--rows FILE] [--seconds 80]

Only o200k_base and cl100k_base. Peers that bring no vocabulary read the .tiktoken or tokenizer.json file that is made
for them before. The interpreter's own start is not in it. Linux only.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.counting.runs import Group, Row, Values, parser, results
from benchmarks.counting.sources import Source
from benchmarks.counting.tables import by_peer, failure, machine, median

# How each makes `count`; NAME, JSON and TIKTOKEN stand for the encoding and its files, PATTERN for its split pattern.
FLAT = (
    "t = {0}.Tokenizer.from_file(JSON)\n"
    "count = lambda x: len(t.encode_batch_flat([x], add_special_tokens=False)[0]) // 4"
)
LOADS = {
    "ctxpack": "from ctxpack.tokens import encoding\ncount = encoding(NAME).count",
    "tiktoken": "import tiktoken\nfrom tiktoken.load import load_tiktoken_bpe as load\n"
    "t = tiktoken.Encoding(NAME, pat_str=PATTERN, mergeable_ranks=load(TIKTOKEN), special_tokens={})\n"
    "count = lambda x: len(t.encode_ordinary(x))",
    "fastokens": "import fastokens\n" + FLAT.format("fastokens"),
    "snaptokens": "import snaptokens\n" + FLAT.format("snaptokens"),
    "gigatoken": "import gigatoken\nt = gigatoken.Tokenizer(JSON)\ncount = lambda x: len(t.encode(x))",
    "toktok-rs": "import toktok\ncount = toktok._encoding(NAME).count",
    "quicktok-v1": "import quicktok\ncount = quicktok.get_encoding(NAME).count",
    "splintr-rs": "import splintr\nt = splintr.Tokenizer.from_pretrained(NAME)\n"
    "count = lambda x: len(t.encode_ordinary(x))",
    "tuetoken": "import tuetoken\ncount = tuetoken.Tokenizer(JSON).count_tokens",
    "rs-bpe": "from rs_bpe.bpe import openai\ncount = getattr(openai, NAME)().count",
    "bpe-openai": "import bpe_openai\nt = bpe_openai.get_encoding(NAME)\ncount = lambda x: len(t.encode_ordinary(x))",
    "tokenizers": "import tokenizers\nt = tokenizers.Tokenizer.from_file(JSON)\ncount = lambda x: len(t.encode(x).ids)",
}
PROGRAM = """
import time
def size():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6
before, started = size(), time.process_time_ns()
{}
assert count("hello world") == 2
print((time.process_time_ns() - started) / 1e6, size() - before)
"""


def work(group: Group, place: Path) -> Iterator[Values]:
    source = Source(group.encoding, place)
    if group.peer not in LOADS:
        yield from ({} for _ in group.parts)
        return
    code = LOADS[group.peer].replace("JSON", repr(source.hugging_face)).replace("TIKTOKEN", repr(source.tiktoken))
    code = code.replace("NAME", repr(group.encoding)).replace("PATTERN", repr(source.vocabulary.about.regexes[0]))
    # One more run before leaves compiled modules behind, as an installation does.
    compiling = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", PROGRAM.format(code)]
    subprocess.run(command, env=compiling, capture_output=True)
    for _ in group.parts:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            yield {"failed": done.stderr.splitlines()[-1]}
            continue
        taken, grown = map(float, done.stdout.split())
        yield {"CPU ms": round(taken, 1), "MB": round(grown, 1)}


def cell(rows: list[Row], peer: str, value: str) -> str:
    found = median(rows, peer, "first count", value)
    return failure(rows, peer, "first count") if found is None else f"{found:.0f}"


def main() -> None:
    options = parser(__doc__, ["o200k_base"]).parse_args()
    for encoding, rows in results(options, Source.make_files, [["first count"]], work):
        print(f"\n{encoding}, import to first count; {machine()}\n")
        print(by_peer(rows, ["CPU ms", "MB"], partial(cell, rows)))


if __name__ == "__main__":
    main()
