"""Editors: what rewrites texts, for one model in one dialect."""

from dataclasses import dataclass

from ctxpack.packing.digest import Digester
from ctxpack.packing.originals import Originals
from ctxpack.packing.policy import Policy
from ctxpack.packing.removal import Remover
from ctxpack.packing.shaping import Shaper
from ctxpack.packing.summaries.condenser import Condenser
from ctxpack.prompts import BlockCounter


@dataclass(frozen=True, slots=True)
class Editors:
    """A counter, and the shaper, remover and condenser that count with it.

    Thread-safety: as the store of originals.
    """

    counter: BlockCounter
    shaper: Shaper
    remover: Remover
    condenser: Condenser

    @classmethod
    def make(cls, model: str, dialect: str, originals: Originals, policy: Policy) -> "Editors":
        """Editors that do what a policy allows and keep what they take out in a store.

        Raises:
            UnknownModelError: no encoding is known for the model.
        """
        counter = BlockCounter(model, dialect)
        digester = None if policy.entry is None else Digester(counter, originals, policy.entry)
        shaper = Shaper(counter.text, originals, policy.minimum_run, drops_data=digester is not None, digester=digester)
        condenser = Condenser(counter, shaper, originals, policy)
        return cls(counter, shaper, Remover(counter.text, originals), condenser)
