"""Entry shaping: a tool result is rewritten once, when it first enters, and only where that is shorter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec

from ctxpack.packing.blobs import without_blobs
from ctxpack.packing.columns import by_tokens
from ctxpack.packing.digest import Digester
from ctxpack.packing.embedded import json_ranges
from ctxpack.packing.lines import LineIndex, split
from ctxpack.packing.lock_files import without_hashes
from ctxpack.packing.markers import is_marked
from ctxpack.packing.minifying import minified
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
    Shaped,
    Then,
)
from ctxpack.packing.shares import ALONE, Shares
from ctxpack.packing.templates import templating
from ctxpack.packing.tool_calls import ToolCall

# Shorter texts can hold no run that a pointer would shorten.
_MINIMUM_CHARACTERS = 80
# Lines that must repeat in a row within a text that an edit may quote: where a file is shown, it is shown whole.
_WITHIN_READS = 12
_NEVER = 2**32 - 1
# Share of its tokens that a text may keep in a form in which its lines can no longer be read one by one.
_ENOUGH: dict[Action, float] = {"templated": 0.8}


class _Form(NamedTuple):
    """A way to write a text."""

    action: Action
    recipe: Recipe
    text: str
    tokens: int
    rule: str = ""


@dataclass(frozen=True)
class _Given:
    """A result as it is given.

    Attributes:
        text: all of it.
        cleaned: as a terminal would show it; the text itself where an edit may quote it.
        originals: where it is kept.
    """

    text: str
    cleaned: str
    originals: Originals

    @cached_property
    def handle(self) -> str:
        """Gives the text back: it is kept from now on."""
        return self.originals.put(self.text)


@dataclass(frozen=True, slots=True)
class Shaper:
    """Shapes texts against what the prompt already shows.

    Attributes:
        count: tokens of a text.
        originals: where each shaped text's original is kept.
        minimum_run: lines that must repeat in a row before a pointer may take their place.
        drops_data: whether data that nobody reads is left out.
        digester: cuts what is still too long; None: nothing is cut.

    Thread-safety: as its originals.
    """

    count: Callable[[str], int]
    originals: Originals
    minimum_run: int
    drops_data: bool = False
    digester: Digester | None = None

    def shape(self, text: str, call: ToolCall, index: LineIndex, query: str, shares: Shares = ALONE) -> Shaped | None:
        """The form in which a result enters, or None where that is the result itself. O(characters).

        Args:
            text: the result, or a part of one.
            call: the call it answers.
            index: lines that the prompt shows.
            query: what the conversation is about just now.
            shares: how its result divides a limit.
        """
        if len(text) < _MINIMUM_CHARACTERS or is_marked(text) or call.is_retrieval:
            return None
        given = _Given(text, text if call.is_quotable else cleaned(text), self.originals)
        before, forms = self.count(text), list(self._forms(given, call))
        within = _WITHIN_READS if call.is_quotable else self.minimum_run
        shorter = self._shortest(given, before, [*forms, *self._logs(given, call)], index, within)
        after = shorter.rewrite.tokens_after if shorter else before
        if self.digester is None or self.digester.fits(text, call, after, shares):
            return shorter
        # A digest is made of lines that say something without the others of their text.
        alone = shorter
        if shorter is not None and shorter.rewrite.action in ("templated", "pointers"):
            alone = self._shortest(given, before, forms, index, _NEVER)
        found = [self.digester.digest(text, call, alone, query, shares), shorter]
        return min((one for one in found if one), key=lambda one: one.rewrite.tokens_after, default=None)

    def _shortest(self, given: _Given, before: int, forms: list[_Form], index: LineIndex, within: int) -> Shaped | None:
        """The shortest form by measured tokens, with or without pointers; None where none is shorter than the text."""
        worth = [form for form in forms if form.tokens < before * _ENOUGH.get(form.action, 1)]
        lines = [None, *(form for form in worth if form.action != "templated")]
        worth += [pointed for form in lines if (pointed := self._pointed(given, form, index, within))]
        best = min(worth, key=lambda form: form.tokens, default=None)
        if best is None or best.tokens >= before:
            return None
        rewrite = Rewrite(best.action, best.recipe, given.handle, before, best.tokens, rule=best.rule)
        return Shaped(rewrite, best.text)

    def _forms(self, given: _Given, call: ToolCall) -> Iterator[_Form]:
        """Forms of a text by itself, line by line."""
        text = given.text
        if GUTTER.match(text) and (recipe := thinning(text, given.handle)):
            shown = recipe.apply(text)
            yield _Form("thinned", recipe, shown, self.count(shown))
        if self.drops_data:
            yield from self._without_data(given, call)
        if call.is_quotable:
            return
        if given.cleaned != text:
            yield _Form("cleaned", Cleaned(), given.cleaned, self.count(given.cleaned))
        yield from self._json_forms(text)

    def _without_data(self, given: _Given, call: ToolCall) -> Iterator[_Form]:
        """A text without what nobody reads. JSON keeps its lines: it has forms in which it can be read."""
        text = given.cleaned
        are_lines_kept = call.is_quotable or any(json_ranges(text))
        blobs = without_blobs(text, are_lines_kept, lambda: given.handle, self.count)
        for left in (blobs, without_hashes(text, call, lambda: given.handle)):
            if left is not None:
                shown = left.apply(text)
                recipe = left if text == given.text else Then(Cleaned(), left)
                yield _Form("clipped", recipe, shown, self.count(shown), "data that nobody reads")

    def _logs(self, given: _Given, call: ToolCall) -> Iterator[_Form]:
        """A log as templates and values: its lines can no longer be read one by one."""
        if call.is_quotable or call.is_search:
            return
        if found := templating(given.cleaned, lambda: given.handle):
            templates, log = found
            recipe = templates if given.cleaned == given.text else Then(Cleaned(), templates)
            yield _Form("templated", recipe, log, self.count(log))

    def _json_forms(self, text: str) -> Iterator[_Form]:
        for start, stop in json_ranges(text):
            try:
                yield self._inside("minified", Minified(), minified(text[start:stop]), text, (start, stop))
                columns, exceptions = by_tokens(text[start:stop], self.count)
                yield self._inside("columnar", Columnar(exceptions), columns, text, (start, stop))
            except msgspec.DecodeError:
                continue
            except (RecursionError, ValueError):
                pass
            return

    def _inside(
        self, action: Action, recipe: Minified | Columnar, form: str, text: str, place: tuple[int, int]
    ) -> _Form:
        """A form of one range of a text."""
        start, stop = place
        shown = text[:start] + form + text[stop:]
        whole = len(text) == stop - start
        return _Form(action, recipe if whole else Inside(start, stop, recipe), shown, self.count(shown))

    def _pointed(self, given: _Given, form: _Form | None, index: LineIndex, within: int) -> _Form | None:
        """The result, or a form of it, with pointers; None where the prompt shows none of its lines."""
        text = given.text if form is None else form.text
        lines = split(text)
        runs = index.runs(lines, self.minimum_run, within)
        if not runs:
            return None
        pieces = pointers(text, lines, runs, index, given.handle, self.count, apart=within == _NEVER)
        shown = pieces.apply(text)
        return _Form("pointers", pieces if form is None else Then(form.recipe, pieces), shown, self.count(shown))
