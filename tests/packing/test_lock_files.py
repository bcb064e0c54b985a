"""Hashes of lock files: what stays, where, and that all of it comes back."""

import hashlib
from base64 import b64encode

import pytest

from ctxpack.packing import Session
from ctxpack.packing.lock_files import without_hashes
from ctxpack.packing.tool_calls import ToolCall
from tests.packing import laws
from tests.packing.conversations import CLAUDE, Step, bodies

LOCK = ToolCall("Read", "/srv/app/package-lock.json")


def digest(kind: str, number: int) -> bytes:
    return hashlib.new(kind, str(number).encode()).digest()


def lock_file(packages: int) -> str:
    found = [
        f"""    "node_modules/part-{n}": {{
      "version": "1.{n}.0",
      "resolved": "https://registry.npmjs.org/part-{n}/-/part-{n}-1.{n}.0.tgz",
      "integrity": "sha512-{b64encode(digest("sha512", n)).decode()}"
    }}"""
        for n in range(packages)
    ]
    return "{\n" + ",\n".join(found) + "\n}\n"


def cut(text: str, call: ToolCall = LOCK) -> str:
    recipe = without_hashes(text, call, lambda: "0123abcd")
    return text if recipe is None else recipe.apply(text)


@pytest.mark.parametrize("kind", ["sha1", "sha256", "sha384", "sha512"])
def test_hashes_of_every_size_keep_their_start(kind: str) -> None:
    hexadecimal, base64 = digest(kind, 1).hex(), b64encode(digest(kind, 2)).decode()
    expected = f"a==1 --hash={kind}:{hexadecimal[:8]}…\nb: {kind}-{base64[:8]}…, end\n" * 4
    assert cut(f"a==1 --hash={kind}:{hexadecimal}\nb: {kind}-{base64}, end\n" * 4) == expected.replace(
        "…", "[ctxpack:0123abcd … stands for the rest of 8 hashes]", 1
    )


@pytest.mark.parametrize(
    "text",
    ["", "no hash", "a" * 41, "b" * 200, "0123456789abcdef0123", "/srv/some/path/of/words/that/is/long/too/abcd"],
)
def test_what_is_no_hash_stays(text: str) -> None:
    assert cut(text) == text


@pytest.mark.parametrize(
    ("subject", "is_cut"),
    [
        ("yarn.lock", True),
        ("cat services/go.sum", True),
        ("grep -A3 left-pad pnpm-lock.yaml", True),
        ("infra/.terraform.lock.hcl", True),
        ("git diff poetry.lock", False),
        ("git show HEAD -- poetry.lock", False),
        ("git log -p go.sum", False),
        ("curl -L https://example.org/pull/7.patch # yarn.lock", False),
        ("sha256sum */uv.lock", False),
        ("openssl dgst -sha256 */uv.lock", False),
        ("sha256sum dist/*", False),
        ("docs/lock.md", False),
        ("index.html", False),
    ],
)
def test_only_lock_files_are_cut(subject: str, is_cut: bool) -> None:
    text = lock_file(8)
    assert (cut(text, ToolCall("Bash", subject)) != text) == is_cut


def test_the_few_hashes_of_packages_that_are_looked_up_stay() -> None:
    assert cut(lock_file(7)) == lock_file(7)


def test_more_packages_of_a_lock_file_are_seen_and_every_hash_comes_back() -> None:
    text = lock_file(300)
    made = [Step("", False, [("call_1", "Read", {"file_path": LOCK.subject})], [text]), Step(asked="go on")]
    requests = bodies(made, "anthropic.messages")
    assert laws.run(Session(CLAUDE), requests)[-1].report.entries == ()
    session = Session(CLAUDE, "balanced")
    sent = session.pack(requests[-1], now=0.0)
    [entry] = sent.report.entries
    assert session.original(entry.handle) == text
    assert b64encode(digest("sha512", 7)).decode() in session.lines(entry.handle, pattern="sha512-")
    shown = sent.body["messages"][2]["content"][0]["content"]
    assert shown.split("\n")[:4] == text.split("\n")[:4], "lines keep their numbers"
    assert shown.count('"integrity": "sha512-') > 40
    assert b64encode(digest("sha512", 1)).decode() not in shown
