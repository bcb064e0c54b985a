"""Replays agent transcripts through packing policies: input bill against knowledge kept.

    python benchmarks/replay.py PATH ... [--policy lossless --policy balanced] [--constant 6000] [--json]

Every request of a session (a transcript between two compactions, at least 10 requests) is packed in order. Equal
leading blocks of neighbouring prompts are billed at the read price, the rest at the write price, with a constant block
of system text in front. Same trajectory assumed; output, thinking and expiry are ignored: input-side, behaviour-free.

References: a name (path, dotted, snake or camel name, number; 5 characters or more) or a whole line (30 characters or
more) of an assistant turn that stands in at most 5 earlier tool results and in no earlier user text, assistant text or
call argument. Visible: the packed prompt still holds it. Recoverable: the text that held it is behind a handle.
"""

import argparse
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ctxpack.auditing import Call, Replay
from ctxpack.auditing.readers import read
from ctxpack.packing import Session
from ctxpack.prefix import fingerprint
from ctxpack.prompts import BlockCounter, Prompt
from ctxpack.providers import Usage

SHORTEST_SESSION = 10
MOST_RESULTS = 5
PRICES = {"5m": (1.25, 0.1), "1h": (2.0, 0.1), "flat": (1.0, 0.1)}
NAME = re.compile(
    r"[\w@~.-]*/[\w@~./-]*\w|\w+(?:[._-]\w+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}|\w*\d\w*", re.ASCII
)


@dataclass
class Score:
    """One policy on one session."""

    requests: int = 0
    before: Usage = field(default_factory=Usage)
    after: Usage = field(default_factory=Usage)
    breaks: int = 0
    seconds: float = 0.0
    references: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    visible: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    recoverable: int = 0
    unrecovered: int = 0
    broken_pairs: int = 0

    def __add__(self, other: "Score") -> "Score":
        total = Score(
            self.requests + other.requests,
            self.before + other.before,
            self.after + other.after,
            self.breaks + other.breaks,
            self.seconds + other.seconds,
            recoverable=self.recoverable + other.recoverable,
            unrecovered=self.unrecovered + other.unrecovered,
            broken_pairs=self.broken_pairs + other.broken_pairs,
        )
        for kind in ("id", "line"):
            total.references[kind] = self.references[kind] + other.references[kind]
            total.visible[kind] = self.visible[kind] + other.visible[kind]
        return total

    def change(self, prices: str) -> float:
        """Change of the input bill in percent."""
        write, read_price = PRICES[prices]
        costs = [usage.cache_write * write + usage.cache_read * read_price for usage in (self.before, self.after)]
        return 100 * (costs[1] / costs[0] - 1)

    def share(self, kind: str | None = None) -> float | None:
        """Percent of references still visible."""
        kinds = [kind] if kind else ["id", "line"]
        references = sum(self.references[k] for k in kinds)
        return 100 * sum(self.visible[k] for k in kinds) / references if references else None

    def recoverable_share(self) -> float | None:
        references = sum(self.references.values())
        return 100 * self.recoverable / references if references else None

    def to_dict(self) -> dict[str, object]:
        return {
            "requests": self.requests,
            "tokens_sent_change": 100 * (self.after.input / self.before.input - 1),
            **{f"bill_{name}": self.change(name) for name in PRICES},
            "prefix_breaks": self.breaks,
            "references": sum(self.references.values()),
            "visible": self.share(),
            "visible_id": self.share("id"),
            "visible_line": self.share("line"),
            "visible_or_recoverable": self.recoverable_share(),
            "spans_not_recovered": self.unrecovered,
            "broken_pairs": self.broken_pairs,
            "ms_per_request": 1000 * self.seconds / self.requests,
        }


def sessions(paths: list[str]) -> Iterator[tuple[str, list[Call]]]:
    """Calls of each session that is long enough, with bodies."""
    found: dict[str, list[Call]] = defaultdict(list)
    for item in read(paths):
        if isinstance(item, Call) and item.body is not None:
            found[f"{shortened(item.session)}/{item.segment + 1}"].append(item)
    yield from ((name, calls) for name, calls in found.items() if len(calls) >= SHORTEST_SESSION)


def shortened(session: str) -> str:
    """A session's name with each part cut to 8 characters."""
    return "/".join(part[:8] for part in session.split("/"))


def replay(calls: list[Call], policy: str, constant: int) -> Score:
    """Packs and bills every request of a session, and checks what each turn refers to."""
    score, session = Score(), Session(calls[0].model, policy)
    counter = BlockCounter(calls[0].model, calls[0].surface)
    plain, packed = Replay(constant), Replay(constant)
    for number, call in enumerate(calls):
        body = call.body or b""
        start = time.perf_counter()
        result = session.pack(body, now=float(number))
        score.seconds += time.perf_counter() - start
        assert not result.report.reason, result.report.reason
        prompt = Prompt.parse(result.dump(), call.surface)
        score.before += plain.send(fingerprint(Prompt.parse(body, call.surface), counter), 0)
        score.after += packed.send(fingerprint(prompt, counter), 0)
        score.requests += 1
        score.broken_pairs += broken_pairs(prompt)
        if number + 1 < len(calls):
            refer(score, json.loads(body), json.loads(calls[number + 1].body or b""), prompt)
    score.breaks = packed.breaks
    score.unrecovered = unrecovered(session, calls[-1].body or b"", result)
    return score


def refer(score: Score, body: dict, following: dict, prompt: Prompt) -> None:
    """Counts the references of the assistant turn that answers a body."""
    results, own = texts_of(body["messages"])
    turn = following["messages"][len(body["messages"]) : len(body["messages"]) + 1]
    _, said = texts_of(turn)
    packed = json.loads(prompt.dump())
    shown = "\n".join(strings(packed))
    packed_results, _ = texts_of(packed["messages"])
    for kind, reference in references("\n".join(said)):
        holders = [at for at, text in enumerate(results) if reference in text]
        if not holders or len(holders) > MOST_RESULTS or any(reference in text for text in own):
            continue
        score.references[kind] += 1
        score.visible[kind] += reference in shown
        score.recoverable += reference in shown or any("[ctxpack:" in packed_results[at] for at in holders)


def references(text: str) -> set[tuple[str, str]]:
    names = {("id", match[0]) for match in NAME.finditer(text) if len(match[0]) >= 5}
    lines = {("line", line.strip()) for line in text.splitlines() if len(line.strip()) >= 30}
    return names | lines


def texts_of(messages: list[dict]) -> tuple[list[str], list[str]]:
    """Tool results, and everything that users and assistants said or passed to tools."""
    results, own = [], []
    for message in messages:
        content = message["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for part in parts:
            if part["type"] == "tool_result":
                results.append("\n".join(strings(part.get("content", ""))))
            elif part["type"] == "tool_use":
                own.append("\n".join(strings(part["input"])))
            elif part["type"] == "text":
                own.append(part["text"])
    return results, own


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)


def broken_pairs(prompt: Prompt) -> int:
    """Results without a call before them, and calls of earlier turns without a result."""
    calls: set[str] = set()
    broken = 0
    for block in prompt.blocks:
        if block.kind == "tool_use":
            calls.add(block.call_id)
        elif block.kind == "tool_result":
            broken += block.call_id not in calls
    answered = {block.call_id for block in prompt.blocks if block.kind == "tool_result"}
    return broken + len(calls - answered)


def unrecovered(session: Session, body: bytes, result) -> int:
    """Rewritten texts of the last prompt whose original does not come back byte for byte."""
    originals = "\0".join(strings(json.loads(body)))
    raw = body.decode()
    texts = [session.original(entry.handle) for entry in result.report.entries]
    return sum(text not in originals and text not in raw for text in texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--policy", action="append", help="may be given several times")
    parser.add_argument("--constant", type=int, default=6000, help="tokens of the constant block (default 6000)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    found = list(sessions(options.paths))
    if not found:
        sys.exit(f"no session of {SHORTEST_SESSION} requests or more in {', '.join(options.paths)}")
    for policy in options.policy or ["lossless", "balanced"]:
        scores = {name: replay(calls, policy, options.constant) for name, calls in found}
        scores["pooled"] = sum(scores.values(), Score())
        for name, score in scores.items():
            row = {"policy": policy, "session": name, "constant": options.constant, **score.to_dict()}
            print(json.dumps(row) if options.json else line(row))


def line(row: dict) -> str:
    figures = {key: f"{value:.1f}" if isinstance(value, float) else value for key, value in row.items()}
    return "  ".join(f"{key} {value}" for key, value in figures.items())


if __name__ == "__main__":
    main()
