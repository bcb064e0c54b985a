"""Law 7: the same bytes in every process."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_every_process_sends_the_same_bytes():
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
