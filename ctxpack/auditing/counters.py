"""Counters: what conversations have in common, such as a long system text, is counted once."""

from ctxpack.prompts import BlockCounter


class Counters:
    """Counters of blocks, one for each model and dialect.

    Thread-safety: none. Memory: see BlockCounter.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], BlockCounter] = {}

    def of(self, model: str, dialect: str) -> BlockCounter:
        """The counter of a model. O(1) for one that was asked for before.

        Raises:
            UnknownModelError: no encoding is known for the model.
        """
        key = model, dialect
        if key not in self._known:
            self._known[key] = BlockCounter(model, dialect)
        return self._known[key]
