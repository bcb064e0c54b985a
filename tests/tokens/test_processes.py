"""What a process does around counting: it ends while threads count, forks, or has no room for threads."""

import os
import subprocess
import sys

import pytest

# A thread of the text's normal form, and of a split pattern, is within Python now and then.
DAEMONS = """
import threading, time
from ctxpack.tokens import encoding
from ctxpack.tokens.tiktoken import Encoding

def grow():
    counter = encoding("qwen3").counter()
    while True:
        counter.append("e\\u0301 ")

def split():
    ranks = {bytes([byte]): byte for byte in range(256)}
    own = Encoding("own", pat_str=r"\\w+|\\W", mergeable_ranks=ranks, special_tokens={})
    while True:
        own.encode_ordinary_batch(["a b c"] * 50, num_threads=2)

for work in (grow, split) * 3:
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
"""

NO_ROOM = """
import resource
from ctxpack.tokens import encoding
enc = encoding("o200k_base")
texts = [f"text {number} " * 50 for number in range(1000)]
expected = enc.count_batch(texts, threads=1)
used = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, ((used + 3000) << 10,) * 2)  # a thread needs some 8 MB
assert enc.count_batch(texts, threads=2) == expected
"""


FORK = """
import os, signal, threading, time
from ctxpack.tokens import encodings

within = threading.Event()

def slow(name, load=encodings.load):
    within.set()
    time.sleep(0.5)
    return load(name)

encodings.load = slow
threading.Thread(target=encodings.encoding, args=("r50k_base",)).start()
assert within.wait(20)
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(encodings.encoding("p50k_base").count("a b") - 2)
assert os.waitpid(child, 0)[1] == 0
"""

# The thread is within its call, and waits there, when the process forks.
FORK_WITHIN = """
import os, signal, threading
from ctxpack._native.bpe import BpeEncoding

def split(text):
    if text == b"slow":
        within.set()
        over.wait()
    return [len(text)]

within, over = threading.Event(), threading.Event()
rows = bytes(range(256)), b"", [], [], [(0, 0)], []
enc = BpeEncoding("own", "external", *rows, {}, None, split)
busy, idle = enc.counter(), enc.counter()
idle.append("a")
thread = threading.Thread(target=busy.append, args=("slow",))
thread.start()
within.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    try:
        busy.append("b")
    except RuntimeError as error:
        os._exit("when the process was forked" not in str(error) or idle.append("b") != 2)
    os._exit(1)
over.set()
thread.join()
assert os.waitpid(child, 0)[1] == 0
assert busy.append("b") == 5
"""


def assert_ends_well(code: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_ends_while_threads_count() -> None:
    for _ in range(3):
        assert_ends_well(DAEMONS)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_process_forks_while_an_encoding_is_loaded() -> None:
    assert_ends_well(FORK)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_process_forks_while_a_thread_appends() -> None:
    assert_ends_well(FORK_WITHIN)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says in /proc how much memory is used")
def test_a_batch_needs_no_second_thread() -> None:
    assert_ends_well(NO_ROOM)
