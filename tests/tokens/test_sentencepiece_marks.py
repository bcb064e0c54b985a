"""Letters that stay, but that rules replace together with a mark after them: as the package has it, at every level."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from tests.tokens.sentencepiece_models import pair_named, pair_of, rule_for, rules_for, trained

# Letters, and marks of which some join some of the letters, some stay behind any, and some begin rules of their own.
SCRIPTS = {
    "latin": ("aeonſkßéǰ", "\u0301\u0308\u0303\u0327\u0338"),
    "cyrillic": ("еиуїйжГкЖ", "\u0306\u0308\u0301\u0300\u0483"),
    "greek": ("αιωϊσΥϒ", "\u0301\u0308\u0342\u0345\u0313"),
    "arabic": ("اويهمنة", "\u0653\u0654\u0655\u064b\u0651"),
    "devanagari": ("कनरडमय", "\u093c\u093e\u094d\u0951"),
    "bengali": ("কেড", "\u09be\u09d7\u09bc\u09cd"),
    "kana": ("かきはハガヽゝ日本", "\u3099\u309a゛ー"),
    "hangul": ("한가나\u1112\u1100이", "\u1161\u1173\u11ab\u11a8\u11a7"),
    "thai": ("กาไเท", "\u0e33\u0e34\u0e48"),
    "tamil": ("கெஒ", "\u0bbe\u0bd7\u0bcd"),
}
# They spell what they do not know, so that every byte of the normalized text is among their tokens.
MODELS = ["bpe_bytes", "unigram_no_prefix"]
LEVELS = ["avx512", "avx2", "portable"]

COUNT = """
import json, sys
from ctxpack.tokens import load_sentencepiece
encoding = load_sentencepiece(sys.argv[1])
print(json.dumps([list(encoding.encode(text)) for text in json.load(sys.stdin)]))
"""


def drawn(script: str) -> list[str]:
    """Texts in which every mark comes after every letter, at every place of what is looked at together."""
    letters, marks = SCRIPTS[script]
    draw = random.Random(script)
    texts = []
    for chance in (0.02, 0.2, 0.6):
        for size in range(1, 120):
            text = ""
            for _ in range(size):
                text += draw.choice(letters) if draw.random() < 0.9 else draw.choice("ab 中 ")
                text += draw.choice(marks) if draw.random() < chance else ""
            texts.append(text)
    return texts


@settings(max_examples=200)
@given(data=st.data())
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", MODELS)
def test_any_marks(name: str, script: str, data: st.DataObject) -> None:
    pair = pair_named(name)
    text = data.draw(st.text(st.sampled_from("".join(SCRIPTS[script]) + "a ①"), max_size=90))
    assert list(pair.ours.encode(text)) == pair.expected(text)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", MODELS)
def test_marks_at_every_level(name: str, level: str, tmp_path: Path) -> None:
    path = tmp_path / "a.model"
    path.write_bytes(trained(name))
    texts = [text for script in SCRIPTS for text in drawn(script)]
    done = subprocess.run(
        [sys.executable, "-c", COUNT, path],
        input=json.dumps(texts),
        env=os.environ | {"CTXPACK_CPU_LEVEL": level},
        capture_output=True,
        text=True,
    )
    if "this processor must support it" in done.stderr:
        pytest.skip(f"{level} does not run here")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [pair_named(name).expected(text) for text in texts]


@pytest.mark.parametrize("key", ["か▁", "é▁", "é▁a", "か\u3099", "か①"])
def test_what_needs_a_closer_look_may_join(key: str) -> None:
    proto = ModelProto.FromString(trained("bpe_bytes"))
    proto.normalizer_spec.precompiled_charsmap = rule_for(key.encode(), b"x")
    pair = pair_of(proto)
    for text in (key, f"日本{key}", f"é▁é か▁か{key}aa", 30 * f"かé{key}"):
        assert list(pair.ours.encode(text)) == pair.expected(text)


LOAD = """
import resource, sys
from ctxpack.tokens import load_sentencepiece
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
print(list(load_sentencepiece(sys.argv[1]).encode(sys.argv[2])))
"""


def test_a_small_file_of_very_many_rules(tmp_path: Path) -> None:
    """Of any two characters of three bytes: 2,000,000,000 in 8 KB."""
    letter = [range(0xE0, 0xF0), range(0x80, 0xC0), range(0x80, 0xC0)]
    proto = ModelProto.FromString(trained("bpe_bytes"))
    proto.normalizer_spec.precompiled_charsmap = rules_for(letter + letter, b"x")
    path, text = tmp_path / "a.model", "中文字 a中b 中文"
    path.write_bytes(proto.SerializeToString())
    done = subprocess.run([sys.executable, "-c", LOAD, path, text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == pair_of(proto).expected(text)
