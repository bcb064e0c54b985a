"""Editors: what rewrites texts, for one model in one dialect."""

from dataclasses import dataclass

from ctxpack.packing.originals import Originals
from ctxpack.packing.removal import Remover
from ctxpack.packing.shaping import Shaper
from ctxpack.prompts import BlockCounter


@dataclass(frozen=True, slots=True)
class Editors:
    """A counter, and the shaper and remover that count with it.

    Thread-safety: as the store of originals.
    """

    counter: BlockCounter
    shaper: Shaper
    remover: Remover

    @classmethod
    def make(cls, model: str, dialect: str, originals: Originals, minimum_run: int) -> "Editors":
        """Editors that keep what they take out in a store.

        Raises:
            UnknownModelError: no encoding is known for the model.
        """
        counter = BlockCounter(model, dialect)
        return cls(counter, Shaper(counter.text, originals, minimum_run), Remover(counter.text, originals))
