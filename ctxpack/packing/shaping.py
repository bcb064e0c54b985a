"""Entry shaping: a tool result is rewritten once, when it first enters, and only where that is shorter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from ctxpack.packing.calls import Call
from ctxpack.packing.digest import Digester
from ctxpack.packing.embedded import json_ranges
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
    Inside,
    Minified,
    Recipe,
    Rewrite,
    Then,
)

# Shorter texts can hold no run that a pointer would shorten.
_MINIMUM_CHARACTERS = 80
# Lines that must repeat in a row within a text that an edit may quote: where a file is shown, it is shown whole.
_WITHIN_READS = 12


class _Form(NamedTuple):
    """A way to write a text."""

    action: Action
    recipe: Recipe
    text: str
    tokens: int


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
        forms = [form for form in self._forms(text, call) if form.tokens < before]
        within = _WITHIN_READS if call.is_quotable else self.minimum_run
        forms += [pointed for form in (None, *forms) if (pointed := self._pointed(text, form, index, within))]
        best = min(forms, key=lambda form: form.tokens, default=None)
        if best is None or best.tokens >= before:
            return None
        return Rewrite(best.action, best.recipe, self.originals.put(text), before, best.tokens)

    def _forms(self, text: str, call: Call) -> Iterator[_Form]:
        """Forms of a text by itself."""
        if GUTTER.match(text) and (recipe := thinning(text, self.originals.put(text))):
            yield self._form("thinned", recipe, text)
        if call.is_quotable:
            return
        if (shown := cleaned(text)) != text:
            yield _Form("cleaned", Cleaned(), shown, self.count(shown))
        yield from self._json_forms(text)

    def _json_forms(self, text: str) -> Iterator[_Form]:
        for start, stop in json_ranges(text):
            is_all = stop - start == len(text)
            try:
                yield self._form("minified", Minified() if is_all else Inside(start, stop, Minified()), text)
                yield self._form("columnar", Columnar() if is_all else Inside(start, stop, Columnar()), text)
            except msgspec.DecodeError:
                continue
            except (RecursionError, ValueError):
                pass
            return

    def _form(self, action: Action, recipe: Recipe, text: str) -> _Form:
        shown = recipe.apply(text)
        return _Form(action, recipe, shown, self.count(shown))

    def _pointed(self, original: str, form: _Form | None, index: LineIndex, within: int) -> _Form | None:
        """The result, or a form of it, with pointers; None where the prompt shows none of its lines."""
        text = original if form is None else form.text
        lines = split(text)
        runs = index.runs(lines, self.minimum_run, within)
        if not runs:
            return None
        pieces = pointers(text, lines, runs, index, self.originals.put(original), self.count)
        shown = pieces.apply(text)
        return _Form("pointers", pieces if form is None else Then(form.recipe, pieces), shown, self.count(shown))
