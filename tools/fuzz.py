"""Fuzzes the native core, scanners and readers of files, under the address and undefined-behaviour sanitizers.

    python tools/fuzz.py [HARNESS ...] [--seconds 60] [--corpus DIRECTORY]

Needs clang++ 16 or later with libFuzzer. Each harness is tests/native/fuzz_NAME.cpp; by default all of them run, one
after the other. Prints a tab-separated line for each: name, inputs tried, seconds, and "clean" or the file with the
input that failed. Exits with 1 where one failed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Folders of csrc that each harness is linked with. Those without cpu choose the processor's level themselves.
FOLDERS = {
    "bpe": ["bpe", "encoding", "split", "unicode"],
    "lines": ["lines"],
    "sentencepiece": ["sentencepiece", "encoding", "unicode"],
    "splitters": ["split", "cpu", "unicode"],
    "text": ["text", "unicode", "cpu"],
    "transcode": ["unicode", "cpu"],
}
FLAGS = ["-std=c++20", "-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-pthread"]
# Bytes of an input, and seconds that one may take.
LONGEST = 4096
SLOWEST = 20


def compiler() -> str | None:
    """A clang++; its library for fuzzing comes with most packages of it."""
    names = [*(f"clang++-{version}" for version in range(25, 15, -1)), "clang++"]  # which may be an older one
    return next((found for name in names if (found := shutil.which(name))), None)


def build(name: str, built: Path) -> Path:
    """Compiles a harness, and what it needs of the core that no harness before it has needed."""
    program = built / f"fuzz_{name}"
    sources = [path for folder in FOLDERS[name] for path in sorted((ROOT / "csrc" / folder).glob("*.cpp"))]
    objects = {built / f"{source.parent.name}-{source.stem}.o": source for source in sources}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        missing = [(source, target) for target, source in objects.items() if not target.exists()]
        for _ in pool.map(lambda pair: compile_with("-c", pair[0], "-o", pair[1]), missing):
            pass
    compile_with(ROOT / "tests" / "native" / f"fuzz_{name}.cpp", *objects, "-o", program)
    return program


def compile_with(*arguments: str | Path) -> None:
    subprocess.run([str(compiler()), *FLAGS, f"-I{ROOT / 'csrc'}", *map(str, arguments)], check=True)


def run(name: str, program: Path, corpus: Path, limit: str) -> tuple[int, str]:
    """Inputs tried, and the file with the input that failed, "" for none."""
    findings = corpus / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    seeds = corpus / name
    seeds.mkdir(exist_ok=True)
    limits = [f"-max_len={LONGEST}", f"-timeout={SLOWEST}", limit]
    command = [str(program), *limits, f"-artifact_prefix={findings}/{name}-", str(seeds)]
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, errors="replace")
    tried = max((int(number) for number in re.findall(r"^#(\d+)", done.stderr, re.MULTILINE)), default=0)
    if done.returncode == 0:
        return tried, ""
    written = re.search(r"Test unit written to (\S+)", done.stderr)
    return tried, written[1] if written else done.stderr[-2000:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("harness", nargs="*", help=f"any of {', '.join(FOLDERS)}; all by default")
    parser.add_argument("--seconds", type=int, default=60, help="how long each harness runs")
    parser.add_argument("--corpus", type=Path, help="where to keep inputs and failures; by default nowhere")
    options = parser.parse_args()
    if unknown := set(options.harness) - FOLDERS.keys():
        parser.error(f"no such harness: {', '.join(sorted(unknown))}")
    if compiler() is None:
        parser.error("there is no clang++ here")
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        corpus = (options.corpus or Path(scratch)).resolve()
        for name in options.harness or FOLDERS:
            program = build(name, Path(scratch))
            start = time.monotonic()
            tried, failure = run(name, program, corpus, f"-max_total_time={options.seconds}")
            print(name, tried, f"{time.monotonic() - start:.0f}", failure or "clean", sep="\t", flush=True)
            failed |= bool(failure)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
