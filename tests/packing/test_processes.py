"""Law 7: the same bytes in every process; and processes fork while they pack."""

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ctxpack.packing import Session

ROOT = Path(__file__).parents[2]
SCRIPT = """
import hashlib, json, sys
from tests.packing import laws
from tests.packing.conversations import MODELS, bodies, working
from ctxpack.packing import Session
digest = hashlib.sha256()
for dialect, model in MODELS.items():
    for policy, budget in (("lossless", None), ("balanced", None), ("balanced", 6000)):
        for packed in laws.run(Session(model, policy, budget=budget), bodies(working(24), dialect)):
            digest.update(packed.dump() + json.dumps(packed.report.to_dict()).encode())
print(digest.hexdigest())
"""


def test_every_process_sends_the_same_bytes() -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "4711")
    ]
    digests = {process.communicate()[0] for process in started}
    assert len(digests) == 1
    assert digests != {""}


FORK = """
import os, signal, sys, tempfile, threading, time, warnings
from ctxpack.middleware.sessions import Sessions
from ctxpack.packing import MemoryOriginals, SQLiteOriginals
from ctxpack.packing.originals import memory, sqlite
from tests.packing.conversations import bodies, working

warnings.simplefilter("ignore")
within, compressed = threading.Event(), memory.compressed

def slow(data):
    within.set()
    time.sleep(0.1)
    return compressed(data)

memory.compressed = sqlite.compressed = slow
first, *_, last = bodies(working(4), "openai.chat")
for store in MemoryOriginals(), SQLiteOriginals(os.path.join(tempfile.mkdtemp(), "store.db")):
    sessions = Sessions(store=store)
    sessions.pack(first, "openai.chat")
    within.clear()
    threading.Thread(target=sessions.pack, args=(last, "openai.chat")).start()
    assert within.wait(20)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        store.noted(["key"]), sessions.pack(first, "openai.chat")
        os._exit(len(sessions.reasons))
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_process_forks_while_a_thread_packs() -> None:
    command = [sys.executable, "-c", FORK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("twin", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_session_is_shared_by_its_store_not_by_copies(twin: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="make another one with the same store"):
        twin(Session("gpt-4.1"))
