"""Replays agent sessions through packing policies: input bill against knowledge kept.

    python -m benchmarks.replay PATH ... [--policy lossless --policy window] [--constant 6000] [--each] [--json]

PATH is a transcript or a directory of them (Claude Code, or anything that `ctxpack audit` reads), a .jsonl of pi, a
.json of tau-bench, or a .traj of SWE-agent. Policies are ctxpack's own presets, and for comparison: window (the first
message and the latest 16), clear (results cleared above 20,000 tokens but for 3), ends (head and tail of every
result), drop (no results).

Every request of a session (between two compactions, at least 10 requests) is packed in order. Equal leading blocks of
neighbouring prompts are billed at the read price, the rest at the write price, with a constant block of system text in
front. Same trajectory assumed; output, thinking and expiry are ignored: input-side, behaviour-free.

A row for each path and policy, all its sessions together, or each with --each. Columns, in percent unless said: sent,
and the input bill under 5m, 1h and flat write prices, as changes; breaks (how often the prompt did not begin with the
one before); ms a request; references of assistant turns to tool results (a name of 5 characters or a line of 30 that
stands in at most 5 results and in nothing said before): visible in the packed prompt, also by kind and by age in turns,
and recoverable (visible or behind a handle); own, the same for what stands only in what user and assistant said.
"""

import argparse
import json
import sys
import time

from benchmarks.replaying.comparators import COMPARATORS
from benchmarks.replaying.references import found, strings
from benchmarks.replaying.score import Score
from benchmarks.replaying.sessions import DIALECT, MODEL, sessions
from ctxpack.auditing import Replay
from ctxpack.packing import Session
from ctxpack.packing.policy import PRESETS
from ctxpack.prefix import fingerprint
from ctxpack.prompts import BlockCounter, Prompt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument(
        "--policy", action="append", choices=[*PRESETS, *COMPARATORS], help="may be given several times"
    )
    parser.add_argument("--constant", type=int, default=6000, help="tokens of the constant block (default 6000)")
    parser.add_argument("--each", action="store_true", help="a row for each session, too")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    for path in options.paths:
        bodies = dict(sessions(path))
        if not bodies:
            sys.exit(f"{path}: no session of 10 requests or more")
        for policy in options.policy or PRESETS:
            scores = {name: replayed(requests, policy, options.constant) for name, requests in bodies.items()}
            rows = scores if options.each else {}
            for name, score in {**rows, f"{len(scores)} sessions": sum(scores.values(), Score())}.items():
                row = {"path": path, "session": name, "policy": policy, "constant": options.constant, **score.to_dict()}
                print(json.dumps(row) if options.json else line(row), flush=True)


def replayed(requests: list[bytes], policy: str, constant: int) -> Score:
    """Packs and bills every request of a session, and checks what each turn refers to."""
    pack = Own(policy) if policy in PRESETS else Other(policy)
    score, counter = Score(requests=len(requests)), BlockCounter(Prompt.parse(requests[0]).model or MODEL, DIALECT)
    plain, packed = Replay(constant), Replay(constant)
    for body, following in zip(requests, [*requests[1:], None], strict=True):
        start = time.perf_counter()
        sent = pack(body)
        score.seconds += time.perf_counter() - start
        prompt = Prompt.parse(sent, DIALECT)
        score.before += plain.send(fingerprint(Prompt.parse(body, DIALECT), counter), 0)
        score.after += packed.send(fingerprint(prompt, counter), 0)
        score.broken_pairs += broken_pairs(prompt)
        for reference in found(body, following, sent, pack.original) if following else ():
            score.note(reference)
    score.breaks = packed.breaks
    score.unrecovered = pack.unrecovered(requests[-1])
    return score


class Own:
    """One of ctxpack's presets."""

    def __init__(self, policy: str) -> None:
        self.policy, self.session, self.entries, self.sent = policy, None, (), 0

    def __call__(self, body: bytes) -> bytes:
        self.session = self.session or Session(Prompt.parse(body).model, self.policy)
        packed = self.session.pack(body, now=float(self.sent))
        assert not packed.report.reason, packed.report.reason
        self.entries, self.sent = packed.report.entries, self.sent + 1
        return packed.dump()

    def original(self, handle: str) -> str:
        return self.session.original(handle)

    def unrecovered(self, body: bytes) -> int:
        """Rewritten texts of the last prompt whose original does not come back byte for byte."""
        originals, raw = "\0".join(strings(json.loads(body))), body.decode()
        texts = [self.session.original(entry.handle) for entry in self.entries if entry.action != "summarised"]
        return sum(text not in originals and text not in raw for text in texts)


class Other:
    """One of the comparators."""

    def __init__(self, name: str) -> None:
        self.change = COMPARATORS[name]

    def __call__(self, body: bytes) -> bytes:
        changed = json.loads(body)
        self.change(changed)
        return json.dumps(changed).encode()

    def original(self, handle: str) -> str:
        return ""

    def unrecovered(self, body: bytes) -> int:
        return 0


def broken_pairs(prompt: Prompt) -> int:
    """Results without a call before them, and calls without a result."""
    calls: set[str] = set()
    broken = 0
    for block in prompt.blocks:
        if block.kind == "tool_use":
            calls.add(block.call_id)
        elif block.kind == "tool_result":
            broken += block.call_id not in calls
    answered = {block.call_id for block in prompt.blocks if block.kind == "tool_result"}
    return broken + len(calls - answered)


def line(row: dict[str, object]) -> str:
    figures = {key: f"{value:.1f}" if isinstance(value, float) else value for key, value in row.items()}
    return "  ".join(f"{key} {'-' if value is None else value}" for key, value in figures.items())


if __name__ == "__main__":
    main()
