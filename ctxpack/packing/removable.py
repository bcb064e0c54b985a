"""Removable: the old results and arguments that a compaction could take out, and when that is due."""

from collections.abc import Mapping
from dataclasses import dataclass

from ctxpack.packing.ages import begun, old
from ctxpack.packing.branch import Branch
from ctxpack.packing.policy import Compaction
from ctxpack.packing.spared import spared, spared_by_old, written_out
from ctxpack.packing.terms import Saving, Terms, pays
from ctxpack.packing.texts import CHARACTERS_PER_TOKEN, Key, Text, tokens_of
from ctxpack.prefix import Fingerprint

# Tokens of the note that takes a removed text's place, names apart.
_NOTE = 24


@dataclass(frozen=True, slots=True)
class Removable:
    """What a compaction could take out now.

    Attributes:
        saving: what that would save.
        reasons: why each text may go, by its key.
        spared: tokens that the latest results spare by pointing to what could have gone before.
    """

    saving: Saving
    reasons: Mapping[Key, str]
    spared: int


def removable(texts: list[Text], branch: Branch, packed: Fingerprint, rule: Compaction, keep_turns: int) -> Removable:
    """The old results and long old arguments that a compaction would take out. O(blocks).

    Args:
        texts: of the prompt as the caller sends it.
        branch: what was decided of them before.
        packed: the prompt as it would be sent.
        rule: what to keep.
        keep_turns: latest assistant turns whose reads stay; below the rule's, all else stays for fewer, too.
    """
    turns = begun(packed.prompt)
    candidates = old(texts, turns, rule, rule.keep_turns - keep_turns)
    sizes = tokens_of((text for text, _ in candidates), packed)
    gains = {text.key: _gain(text, branch, sizes[text.key], rule) for text, _ in candidates}
    gone = {text.call.subject for text, _ in candidates if text.is_result and gains[text.key] > 0}
    # Old pointers go with what they point to, or they would be written out again.
    reasons = {
        text.key: why
        for text, why in candidates
        if gains[text.key] > 0 or (text.call.subject in gone and spared(text, branch))
    }
    first = min(reasons, default=(0, 0))[0]
    before = packed.tokens_until(first)
    gain = sum(gains[key] for key in reasons) - written_out(texts, branch, {key: gains[key] for key in reasons})
    saving = Saving(gain, packed.tokens - gain, before)
    return Removable(saving, reasons, spared_by_old(texts, turns, branch, rule.keep_turns))


def is_due(found: Removable, branch: Branch, packed: Fingerprint, alive: bool, terms: Terms, rule: Compaction) -> bool:
    """Charges one request's rent and says whether to compact now.

    Args:
        found: what could be taken out.
        branch: its rent grows by this request's.
        packed: the prompt as it would be sent without a compaction.
        alive: whether the provider may still hold what the branch sent last.
        terms: what to reckon with.
        rule: how patient to be.
    """
    if not found.reasons:
        return False
    branch.rent = terms.owed(branch.rent, found.saving, found.spared, packed)
    return pays(found.saving, branch.rent, packed, alive, terms, rule.patience)


def _gain(text: Text, branch: Branch, now: int, rule: Compaction) -> int:
    """Tokens that taking out one text would save; 0 where it must stay or nothing is saved."""
    rewrite = branch.rewrites.get(text.key)
    if text.is_fixed or (rewrite is not None and rewrite.action in ("removed", "shortened")):
        return 0
    if text.is_result:
        return int(now - _NOTE - rule.names * now)
    if text.is_arguments:
        return now - rule.argument_limit // CHARACTERS_PER_TOKEN - 2 * _NOTE
    return 0
