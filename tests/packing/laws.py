"""The laws of packing as checks on what was sent, written plainly and apart from the code they check."""

import json
import re
from collections import Counter
from itertools import pairwise

import msgspec

from ctxpack.auditing import Replay
from ctxpack.packing import Packed, Session
from ctxpack.prefix import fingerprint
from ctxpack.prompts import BlockCounter, Prompt

from .forms import NUMBER, bare, forms, spellings, stands, table_value, written_out

POINTER = re.compile(
    r"\[ctxpack(?::([0-9a-f]{8,40}))? lines (\d+)-(\d+): same\b"
    r"(?:(?: as lines|,) (\d+)-(\d+), over and over)?[^\[\]\n]*\]"
)
NAMED = re.compile(r"\[ctxpack:([0-9a-f]{8,40}) ")
WRITE, READ = 1.25, 0.1
_MESSAGES = msgspec.json.Decoder(list[msgspec.Raw])


def dumped(body: dict) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def run(session: Session, requests: list[dict], start: float = 1000.0) -> list[Packed]:
    """Packs requests a second apart."""
    return [session.pack(dumped(body), now=start + at) for at, body in enumerate(requests)]


def strings(value: object) -> list[str]:
    """Every string value in a JSON value."""
    if isinstance(value, str):
        return [value]
    values = value if isinstance(value, list) else value.values() if isinstance(value, dict) else []
    return [text for item in values for text in strings(item)]


def message_bytes(data: bytes) -> list[bytes]:
    """Each message's own bytes."""
    raw = msgspec.json.decode(data, type=dict[str, msgspec.Raw])["messages"]
    return [bytes(message) for message in _MESSAGES.decode(raw)]


def check_append_only(packed: list[Packed]) -> None:
    for earlier, later in pairwise(packed):
        before, after = message_bytes(earlier.dump()), message_bytes(later.dump())
        assert later.report.compacted or after[: len(before)] == before


def check_blocks(body: bytes, packed: Packed) -> None:
    """Laws 4, 5 and 8 block by block: same blocks, none longer, only results and arguments new.

    Of a body with a summary, the messages that are left: what it stands for is gone, and it is itself left out here.
    """
    before, after = without_summary(body, packed)
    counter = BlockCounter(before.model, before.dialect)
    assert after.dialect == before.dialect
    assert [shape(block) for block in after.blocks] == [shape(block) for block in before.blocks]
    counts = zip(before.blocks, after.blocks, before.count(counter), after.count(counter), strict=True)
    for old, new, old_tokens, new_tokens in counts:
        assert new_tokens <= old_tokens
        if old.fixed or old.kind not in ("tool_use", "tool_result"):
            assert new.raw == old.raw
    assert unreplaceable(after) == unreplaceable(before)
    assert packed.report.tokens_after <= packed.report.tokens_before


def check_pairs(body: bytes, packed: Packed) -> None:
    """Law 4: no call and no result stands alone that did not before."""
    assert alone(packed.dump()) <= alone(body)


def alone(data: bytes) -> Counter[tuple[str, str]]:
    """Calls without a result, and results without a call in front of them that waits for one."""
    found: Counter[tuple[str, str]] = Counter()
    waiting: set[str] = set()
    for block in Prompt.parse(data).blocks:
        if block.kind == "tool_use":
            found["tool_use", block.call_id] += block.call_id in waiting
            waiting.add(block.call_id)
        elif block.kind == "tool_result":
            found["tool_result", block.call_id] += block.call_id not in waiting
            waiting.discard(block.call_id)
    return found + Counter(("tool_use", call) for call in waiting)


def without_summary(body: bytes, packed: Packed) -> tuple[Prompt, Prompt]:
    """A body without the messages that a summary stands for, and the packed body without the summary."""
    given, sent = json.loads(body), json.loads(packed.dump())
    summary = next((entry for entry in packed.report.entries if entry.action == "summarised"), None)
    if summary is None:
        return Prompt.parse(body), Prompt.parse(packed.dump())
    gone = messages_in(summary.path)
    left = [message for at, message in enumerate(given["messages"]) if at not in gone]
    head = next(at for at, message in enumerate(given["messages"]) if message["role"] == "assistant") - 1
    parts = sent["messages"][head]["content"]
    assert parts.pop()["text"].startswith(f"[ctxpack:{summary.handle} ")
    if isinstance(given["messages"][head]["content"], str):
        [part] = parts
        sent["messages"][head]["content"] = part["text"]
    return Prompt.parse(dumped({**given, "messages": left})), Prompt.parse(dumped(sent))


def messages_in(path: str) -> set[int]:
    """The messages that an entry such as `messages[1:9,13:41]` is about."""
    ranges = (part.split(":") for part in path.removeprefix("messages[").removesuffix("]").split(","))
    return {message for first, stop in ranges for message in range(int(first), int(stop))}


def check_summary(session: Session, body: bytes, packed: Packed) -> None:
    """Law 9 for a summary: its handle gives back every message that it stands for, byte for byte."""
    raw = message_bytes(body)
    for entry in packed.report.entries:
        if entry.action == "summarised":
            wanted = b"\n".join(raw[message] for message in sorted(messages_in(entry.path)))
            assert unfolded(session, entry.handle).encode() == wanted


def unfolded(session: Session, handle: str) -> str:
    """What a handle stands for, with what the handle at its top stands for."""
    text = session.original(handle)
    match = re.match(r"\[ctxpack:([0-9a-f]+) \d+ messages left out, each as it was sent\]\n", text)
    return text if match is None else unfolded(session, match[1]) + "\n" + text[match.end() :]


def shape(block) -> tuple:
    return block.kind, block.role, block.path, block.call_id, block.name, block.fixed, len(block.strings)


def unreplaceable(prompt: Prompt) -> bytes:
    """The body without what a packer may replace."""
    empty = {
        message: section.replaced({span: b"" for block in section.blocks for span in replaceable(block)})
        for message, section in enumerate(prompt.messages)
    }
    return prompt.replaced(empty).dump()


def replaceable(block) -> list:
    strings = block.strings if block.kind == "tool_result" else ()
    return [*strings, *(() if block.arguments is None else [block.arguments])]


def check_handles(session: Session, body: bytes, packed: Packed) -> None:
    """Law 9: every handle gives back a text that stands at the entry's place, byte for byte."""
    originals = {block.path: texts_of(block) for block in Prompt.parse(body).blocks}
    check_summary(session, body, packed)
    for entry in packed.report.entries:
        assert entry.tokens_after < entry.tokens_before
        if entry.action != "summarised":
            assert session.original(entry.handle) in originals[entry.path]


def texts_of(block) -> list[str]:
    if block.arguments is None:
        return [block.source.string(span, block.path) for span in block.strings]
    kind = block.source.kind(block.arguments)
    if kind == "string":
        return [block.source.string(block.arguments, block.path)]
    return [block.source.raw(block.arguments).decode()]


def shown_texts(prompt: Prompt) -> list[str]:
    """What a reader of the prompt sees, text by text, in order."""
    found: list[str] = []
    for block in prompt.blocks:
        if block.kind != "tool_use":
            found += texts_of(block)
        elif block.arguments is not None:
            [arguments] = texts_of(block)
            found += strings(json.loads(arguments))
    return found


def shown_texts_of_results(data: bytes) -> list[str]:
    return [text for block in Prompt.parse(data).blocks if block.kind == "tool_result" for text in texts_of(block)]


def check_all_lines_visible(body: bytes, packed: Packed) -> None:
    """Lossless: every line of every result still stands in the prompt, or its JSON does, value for value."""
    before, after = Prompt.parse(body), Prompt.parse(packed.dump())
    texts = strings(json.loads(packed.dump()))
    shown = "\n".join([*texts, *(log for text in texts for log in written_out(text))])
    for old, new in zip(before.blocks, after.blocks, strict=True):
        if old.kind != "tool_result":
            continue
        for text, sent in zip(texts_of(old), texts_of(new), strict=True):
            in_lines = any(all(stands(line, shown) for line in form.splitlines()) for form in forms(text))
            assert in_lines or table_value(sent) == json.loads(text)


def check_pointers(session: Session, packed: Packed) -> int:
    """Every pointer leads to lines that the packed prompt shows further up; gives how many there are."""
    above: list[list[str]] = []
    found = 0
    mine = {entry.handle for entry in packed.report.entries}
    for text in shown_texts(Prompt.parse(packed.dump())):
        named = NAMED.search(text)
        for match in POINTER.finditer(text):
            handle = match[1] or (named and named[1])
            if handle in mine:
                found += 1
                texts, here = forms(session.original(handle)), spellings(text[: match.start()].splitlines())
                shown = [*above, here]
                first, last = int(match[2]), int(match[3])
                period = int(match[5]) - int(match[4]) + 1 if match[4] else last - first + 1
                assert any(leads_somewhere(form, first, last, period, shown) for form in texts), match[0]
        above += [spellings(form.splitlines()) for form in (text, *written_out(text))]
    return found


def leads_somewhere(text: str, first: int, last: int, period: int, above: list[list[str]]) -> bool:
    lines = text.splitlines()
    numbers = [int(re.findall(r"\d+", line)[0]) if NUMBER.match(line) else 0 for line in lines]
    by_print = [(i, i + last - first) for i, number in enumerate(numbers) if number == first]
    for start, stop in [*by_print, (first - 1, last - 1)]:
        if stop < len(lines):
            wanted = spellings(lines[start : start + period])
            is_above = any(want in spelled for want in wanted for texts in above for spelled in texts)
            if is_above and all(bare(lines[at]) == bare(lines[at - period]) for at in range(start + period, stop + 1)):
                return True
    return False


def bill(sent: list[bytes], model: str, dialect: str, constant: int = 0) -> float:
    """Input bill of a conversation when equal leading blocks are read and the rest is written."""
    replay, counter = Replay(constant), BlockCounter(model, dialect)
    usages = [replay.send(fingerprint(Prompt.parse(body, dialect), counter), 0) for body in sent]
    return sum(usage.cache_write * WRITE + usage.cache_read * READ for usage in usages)
