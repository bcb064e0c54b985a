"""What stays of old results and old arguments: names that stand nowhere else, and the start of each string."""

import json

from ctxpack.packing import Compaction, Policy, Session
from ctxpack.packing.markers import MARKER
from ctxpack.packing.originals import MemoryOriginals
from ctxpack.packing.removal import Remover
from ctxpack.tokens import encoding

from . import laws
from .conversations import CLAUDE, Step, bodies

EAGER = Policy("eager", compaction=Compaction(patience=0.0, keep_turns=2, keep_arguments=2))
FILLER = "\n".join(f"this line says nothing that anybody would look up {'again ' * (at % 7)}" for at in range(60))


def remover() -> Remover:
    return Remover(encoding("o200k_base").count, MemoryOriginals())


def test_a_note_names_what_stands_nowhere_else():
    ls = ("call_1", "ls", {})
    made = [
        Step("", False, [ls], [f"src/kept_elsewhere.py src/only_here.py\n{FILLER}"]),
        Step("", False, [ls], [f"src/kept_elsewhere.py src/also_here.py src/only_here.py\n{FILLER}"]),
        Step("Look at src/kept_elsewhere.py.", False, [], [], "go on"),
        *(Step(f"step {at}", False, [], [], "go on") for at in range(3)),
    ]
    packed = laws.run(Session(CLAUDE, EAGER), bodies(made, "anthropic.messages"))[-1]
    first, second = [text for text in laws.shown_texts_of_results(packed.dump()) if MARKER.match(text)]
    assert first.splitlines()[1:] == ["src/only_here.py"]
    assert second.splitlines()[1:] == ["src/also_here.py"]


def test_the_note_of_a_result_does_not_repeat_its_call():
    rewrite = remover().remove(FILLER, 0.1)
    assert rewrite is not None
    note = rewrite.recipe.apply(FILLER)
    assert note == f"[ctxpack:{rewrite.handle} 60 lines removed]"


def test_a_call_names_its_handle_once():
    rewrite = remover().shorten(json.dumps({"command": FILLER, "list": [FILLER, FILLER]}), 200)
    assert rewrite is not None
    cut = json.loads(rewrite.recipe.apply(""))
    assert [rewrite.handle in text for text in laws.strings(cut)] == [True, False, False]
    assert all(text.startswith(FILLER[:200]) and MARKER.search(text) for text in laws.strings(cut))


def test_less_stays_of_what_an_edit_replaced():
    for old, new in [("old_string", "new_string"), ("oldText", "newText")]:
        rewrite = remover().shorten(json.dumps({old: FILLER, new: FILLER}), 200)
        assert rewrite is not None
        cut = json.loads(rewrite.recipe.apply(""))
        assert cut[old].split("[")[0] == FILLER[:50]
        assert cut[new].split("[")[0] == FILLER[:200]


def test_a_string_that_a_marker_would_not_shorten_stays():
    given = json.dumps({"old_string": "x " * 30, "new_string": "y " * 110}, separators=(",", ":"))
    assert remover().shorten(given, 200) is None
