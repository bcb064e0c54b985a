"""The laws of packing as checks on what was sent, written plainly and apart from the code they check."""

import json
import re
from collections import Counter
from itertools import pairwise

import msgspec

from ctxpack.auditing import Replay
from ctxpack.packing import Packed, Session
from ctxpack.prefix import fingerprint
from ctxpack.prompts import Block, BlockCounter, Prompt

from .reading import POINTER, Shown, lead, reads_as, shown

HANDLE = re.compile(r"\[ctxpack:([0-9a-f]{8,40}) ")
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


def shape(block: Block) -> tuple:
    return block.kind, block.role, block.path, block.call_id, block.name, block.fixed, len(block.strings)


def unreplaceable(prompt: Prompt) -> bytes:
    """The body without what a packer may replace."""
    empty = {
        message: section.replaced({span: b"" for block in section.blocks for span in replaceable(block)})
        for message, section in enumerate(prompt.messages)
    }
    return prompt.replaced(empty).dump()


def replaceable(block: Block) -> list:
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


def texts_of(block: Block) -> list[str]:
    if block.arguments is None:
        return [block.source.string(span, block.path) for span in block.strings]
    kind = block.source.kind(block.arguments)
    if kind == "string":
        return [block.source.string(block.arguments, block.path)]
    return [block.source.raw(block.arguments).decode()]


def shown_texts(prompt: Prompt) -> list[tuple[Block, str, list[str]]]:
    """Each text of a prompt in order: its block, the start of what a pointer calls it, and what a reader sees of it."""
    found, names = [], {}
    for block in prompt.blocks:
        if block.kind == "tool_use":
            names[block.call_id] = block.name
            if block.arguments is not None:
                [arguments] = texts_of(block)
                found.append((block, f"your {plain(block.name)}", strings(json.loads(arguments))))
        else:
            is_result = block.kind == "tool_result"
            label = plain(names.get(block.call_id, "a tool result")) if is_result else f"the {block.role} message"
            found += [(block, label, [text]) for text in texts_of(block)]
    return found


def plain(name: str) -> str:
    """A name without what would end a pointer."""
    return " ".join(re.sub(r"[\[\]]", " ", name).split())


def check_all_lines_visible(body: bytes, packed: Packed) -> None:
    """Lossless: every result can be read from the prompt as it was, as a terminal shows it, or JSON value for value."""
    results = (text for block in Prompt.parse(body).blocks if block.kind == "tool_result" for text in texts_of(block))
    above = list[Shown]()
    for block, label, texts in shown_texts(Prompt.parse(packed.dump())):
        if block.kind == "tool_result":
            original, [sent] = next(results), texts
            assert sent == original or reads_as(sent, original, above), sent
        above += [shown(label, text) for text in texts]
    assert next(results, None) is None


def check_pointers(session: Session, packed: Packed) -> int:
    """Every pointer leads to lines that the packed prompt shows further up; gives how many there are."""
    found, above = 0, list[Shown]()
    mine = {entry.handle for entry in packed.report.entries}
    for _, label, texts in shown_texts(Prompt.parse(packed.dump())):
        for text in texts:
            named = HANDLE.search(text)
            pointers = [line for line in text.split("\n") if POINTER.fullmatch(line)]
            if pointers and named and named[1] in mine:
                found += len(pointers)
                assert lead(text, session.original(named[1]), above), text
        above += [shown(label, text) for text in texts]
    return found


def bill(sent: list[bytes], model: str, dialect: str, constant: int = 0) -> float:
    """Input bill of a conversation when equal leading blocks are read and the rest is written."""
    replay, counter = Replay(), BlockCounter(model, dialect)
    usages = [replay.send(fingerprint(Prompt.parse(body, dialect), counter), 0, constant) for body in sent]
    return sum(usage.cache_write * WRITE + usage.cache_read * READ for usage in usages)
