"""Compacting: old results and long old arguments leave the prompt, all at once."""

import msgspec

from ctxpack._native.text import names_in
from ctxpack.packing.branch import Branch
from ctxpack.packing.policy import Compaction
from ctxpack.packing.removable import Removable
from ctxpack.packing.removal import Remover
from ctxpack.packing.rewrites import Rewrite
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.texts import Key, Text


def compact(
    branch: Branch, texts: list[Text], found: Removable, rule: Compaction, remover: Remover, shaper: Shaper
) -> bool:
    """Freezes the removal of what was found; False where no text got shorter. O(bytes)."""
    wanted = found.reasons
    known = {name for text in texts if text.key not in wanted for name in names_in(branch.packed(text))}
    removed: dict[Key, Rewrite] = {}
    for text in texts:
        key = text.key
        rewrite = _removal(text, wanted[key], rule, remover, known) if key in wanted else None
        if rewrite is not None:
            removed[key] = rewrite
            known.update(names_in(rewrite.recipe.apply(text.read())))
    if removed:
        branch.reshape(texts, removed, shaper)
    return bool(removed)


def _removal(text: Text, why: str, rule: Compaction, remover: Remover, known: set[str]) -> Rewrite | None:
    if text.is_arguments:
        rewrite = remover.shorten(text.read(), rule.argument_limit)
    else:
        rewrite = remover.remove(text.read(), rule.names, known)
    return None if rewrite is None else msgspec.structs.replace(rewrite, rule=why)
