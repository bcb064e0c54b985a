"""Compacting: old results and long old arguments leave the prompt, all at once."""

from collections.abc import Iterator
from itertools import chain

import msgspec

from ctxpack._native.text import names_in
from ctxpack.packing.editors import Editors
from ctxpack.packing.policy import Compaction
from ctxpack.packing.removable import Removable
from ctxpack.packing.removal import Remover
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.texts import Key, Text
from ctxpack.packing.turn import Decided


def compact(decided: Decided, found: Removable, rule: Compaction, editors: Editors) -> bool:
    """Freezes the removal of what was found and packs the prompt anew; False where no text got shorter. O(bytes)."""
    (turn, branch), wanted = decided, found.reasons
    known = {name for text in turn.texts if text.key not in wanted for name in _names(text, branch.packed(text))}
    removed: dict[Key, Rewrite] = {}
    for text in turn.texts:
        why = wanted.get(text.key)
        earlier = branch.rewrites.get(text.key)
        rewrite = None if why is None else _removal(text, why, rule, editors.remover, known, earlier)
        if rewrite is not None:
            removed[text.key] = rewrite
            known.update(_names(text, rewrite.recipe.apply(text.read())))
    if not removed:
        return False
    branch.reshape(turn.texts, removed, editors.shaper)
    turn.write(branch, editors.counter)
    return True


def _names(text: Text, packed: str) -> Iterator[str]:
    """Names that a text shows where it is sent like this, as its reader sees them: without escapes of JSON."""
    return chain.from_iterable(map(names_in, text.shown(packed)))


def _removal(
    text: Text, why: str, rule: Compaction, remover: Remover, known: set[str], earlier: Rewrite | None
) -> Rewrite | None:
    if text.is_arguments:
        rewrite = remover.shorten(text.read(), rule.argument_limit)
    else:
        rewrite = remover.remove(text.read(), _share(rule.names, earlier), known)
    return None if rewrite is None else msgspec.structs.replace(rewrite, rule=why)


def _share(names: float, earlier: Rewrite | None) -> float:
    """Share of a text's tokens for the names in it; of what it shows with pointers: what they lead to has its own."""
    if earlier is None or earlier.action != "pointers":
        return names
    return names * earlier.tokens_after / earlier.tokens_before
