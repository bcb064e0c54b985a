"""Entry shaping: a tool result is rewritten once, when it first enters, and only where that is shorter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from ctxpack.packing.calls import Call
from ctxpack.packing.digest import Digester
from ctxpack.packing.lines import LineIndex, split
from ctxpack.packing.markers import is_marked
from ctxpack.packing.noise import cleaned
from ctxpack.packing.numbering import GUTTER, thinning
from ctxpack.packing.originals import Originals
from ctxpack.packing.pointers import pointers
from ctxpack.packing.rewrites import (
    Action,
    Cleaned,
    Columnar,
    Minified,
    Recipe,
    Rewrite,
    Then,
)

# Shorter texts can hold no run that a pointer would shorten.
_MINIMUM_CHARACTERS = 80
# Lines that must repeat in a row within a text that an edit may quote: where a file is shown, it is shown whole.
_WITHIN_READS = 12


@dataclass(frozen=True, slots=True)
class Shaper:
    """Shapes texts against what the prompt already shows.

    Attributes:
        count: tokens of a text.
        originals: where each shaped text's original is kept.
        minimum_run: lines that must repeat in a row before a pointer may take their place.
        digester: cuts what is still too long; None: nothing is cut.

    Thread-safety: as its originals.
    """

    count: Callable[[str], int]
    originals: Originals
    minimum_run: int
    digester: Digester | None = None

    def shape(self, text: str, call: Call, index: LineIndex, query: str) -> Rewrite | None:
        """The form in which a result enters, or None where that is the result itself. O(characters)."""
        if len(text) < _MINIMUM_CHARACTERS or is_marked(text):
            return None
        shorter = self._lossless(text, call, index)
        if self.digester is None:
            return shorter
        return self.digester.digest(text, call, shorter, query) or shorter

    def _lossless(self, text: str, call: Call, index: LineIndex) -> Rewrite | None:
        """The shortest lossless form by measured tokens, or None where none is shorter."""
        before = self.count(text)
        forms = [*self._thinned(text, before)]
        if not call.is_quotable:
            forms += [*self._cleaned(text, before), *self._json_forms(text, before)]
        within = _WITHIN_READS if call.is_quotable else self.minimum_run
        pointed = [found for form in (None, *forms) if (found := self._pointers(text, form, before, index, within))]
        return min([*forms, *pointed], key=lambda rewrite: rewrite.tokens_after, default=None)

    def _thinned(self, text: str, before: int) -> Iterator[Rewrite]:
        if not GUTTER.match(text):
            return
        handle = self.originals.put(text)
        recipe = thinning(text, handle)
        if recipe is not None and (after := self.count(recipe.apply(text))) < before:
            yield Rewrite("thinned", recipe, handle, before, after)

    def _cleaned(self, text: str, before: int) -> Iterator[Rewrite]:
        shown = cleaned(text)
        if shown != text and (after := self.count(shown)) < before:
            yield Rewrite("cleaned", Cleaned(), self.originals.put(text), before, after)

    def _json_forms(self, text: str, before: int) -> Iterator[Rewrite]:
        if text.lstrip()[:1] not in ("{", "["):
            return
        forms: tuple[tuple[Action, Recipe], ...] = (("minified", Minified()), ("columnar", Columnar()))
        for action, recipe in forms:
            try:
                after = self.count(recipe.apply(text))
            except (msgspec.DecodeError, RecursionError, ValueError):
                return
            if after < before:
                yield Rewrite(action, recipe, self.originals.put(text), before, after)

    def _pointers(
        self, original: str, form: Rewrite | None, before: int, index: LineIndex, within: int
    ) -> Rewrite | None:
        """The result, or a form of it, with pointers; None where the prompt shows none of its lines."""
        text = original if form is None else form.recipe.apply(original)
        lines = split(text)
        runs = index.runs(lines, self.minimum_run, within)
        if not runs:
            return None
        handle = self.originals.put(original)
        pieces = pointers(text, lines, runs, index, handle, self.count)
        after = self.count(pieces.apply(text))
        if after >= before:
            return None
        return Rewrite("pointers", pieces if form is None else Then(form.recipe, pieces), handle, before, after)
