"""Gate: a compaction happens only where it is expected to lower the bill.

Rent or buy: each request that re-reads removable tokens pays rent for them; once the rent since the last compaction
reaches `patience` times the price of rewriting the prompt after the cut, the compaction is bought. So the bill never
exceeds the best possible schedule's by more than a bounded factor, whatever the number of requests still to come. Rent
is the difference of whole requests, so that steps of the price (above 200,000 tokens, say) and cache minimums are part
of it. Where a horizon is given, the requests still to come are believed, and the factor stays bounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ctxpack.packing.ages import old
from ctxpack.packing.branch import Branch
from ctxpack.packing.policy import Compaction
from ctxpack.packing.texts import Key, Text
from ctxpack.prefix import Fingerprint
from ctxpack.providers import Price

# Tokens of the note that takes a removed text's place, names apart.
_NOTE = 24
# Less than this share of a request's money is not worth a note for each text, even where the cache is cold.
_WORTHWHILE = 0.1
_CHARACTERS_PER_TOKEN = 4
# How far a horizon is believed: half the rent is enough where the requests to come repay the cost, and twice as much is
# asked for where they do not. A wrong one then costs at most three times the best schedule: ski rental with a
# prediction.
_TRUST = 0.5


@dataclass(frozen=True, slots=True)
class Removable:
    """What a compaction could take out now.

    Attributes:
        reasons: why each text may go, by its key.
        tokens: tokens it would save in every later request (estimate).
        left: tokens of the prompt that would be left (estimate).
        before: tokens of the prompt in front of the first of them.
    """

    reasons: Mapping[Key, str]
    tokens: int
    left: int
    before: int


def removable(texts: list[Text], branch: Branch, packed: Fingerprint, rule: Compaction, keep_turns: int) -> Removable:
    """The old results and long old arguments that a compaction would take out. O(blocks).

    Args:
        texts: of the prompt as the caller sends it.
        branch: what was decided of them before.
        packed: the prompt as it would be sent.
        rule: what to keep.
        keep_turns: latest assistant turns whose reads stay; below the rule's, all else stays for fewer, too.
    """
    candidates = old(texts, _turns(packed), rule, rule.keep_turns - keep_turns)
    gains = {text.key: _gain(text, branch, packed, rule) for text, _ in candidates}
    reasons = {key: why for text, why in candidates if gains[key := text.key] > 0}
    first = min(reasons, default=(0, 0))[0]
    before = packed.tokens_until(first)
    gain = sum(gains[key] for key in reasons)
    return Removable(reasons, gain, packed.tokens - gain, before)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a decision is reckoned with; all money is in the price's currency.

    Attributes:
        price: the model's; steps of it re-price the whole request.
        minimum: tokens below which the provider caches nothing.
        horizon: requests that the conversation is expected to have in all; None: not known.
    """

    price: Price
    minimum: int
    horizon: int | None = None

    def reading(self, tokens: int) -> float:
        """Money for a request to read a prompt of so many tokens again; plain input where that is below the minimum."""
        rates = self.price.rates(tokens)
        return tokens * (rates.cache_read if tokens >= self.minimum else rates.input)

    def rent(self, found: Removable, packed: Fingerprint) -> float:
        """Money that one request spends because what could be taken out is there; 0 where it is cheaper so."""
        return max(self.reading(packed.tokens) - self.reading(found.left), 0.0)

    def rewriting(self, found: Removable) -> float:
        """Money for writing what stands after the cut anew instead of reading it."""
        return self.price.rates(found.left).rewriting(max(found.left - found.before, 0))

    def asking(self, packed: Fingerprint, tokens: int, alive: bool) -> float:
        """Money for a summary of so many tokens by the model itself: the prompt once more, from a cache that is alive.

        The instruction after it is a hundred tokens: not counted.
        """
        rates = self.price.rates(packed.tokens)
        return (rates.cache_read if alive else rates.input) * packed.tokens + rates.output * tokens

    def trusted(self, packed: Fingerprint, rent: float, cost: float) -> float:
        """How much sooner than without a horizon to buy, as a factor of patience."""
        if self.horizon is None:
            return 1.0
        later = self.horizon - _turns(packed)[-1]
        return _TRUST if later * rent >= cost else 1 / _TRUST


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
    branch.rent += terms.rent(found, packed)
    return pays(found, branch.rent, packed, alive, terms, rule.patience)


def pays(
    found: Removable,
    paid: float,
    packed: Fingerprint,
    alive: bool,
    terms: Terms,
    patience: float,
    extra: float = 0.0,
) -> bool:
    """Whether to buy now, after so much rent was paid.

    Args:
        found: what could be taken out.
        paid: rent since the last time.
        packed: the prompt as it would be sent without.
        alive: whether the provider may still hold what was sent last.
        terms: what to reckon with.
        patience: how many times the cost the rent must reach.
        extra: what it costs beside rewriting the prompt.
    """
    rent = terms.rent(found, packed)
    if rent < _WORTHWHILE * terms.reading(packed.tokens):
        return False
    cost = extra + (terms.rewriting(found) if alive else 0.0)
    return paid >= patience * terms.trusted(packed, rent, cost) * cost


def _gain(text: Text, branch: Branch, packed: Fingerprint, rule: Compaction) -> int:
    """Tokens that taking out one text would save; 0 where it must stay or nothing is saved."""
    rewrite = branch.rewrites.get(text.key)
    if text.is_fixed or (rewrite is not None and rewrite.action in ("removed", "shortened")):
        return 0
    now = packed.block_tokens(text.block)
    if text.is_result:
        return int(now - _NOTE - rule.names * now)
    if text.is_arguments:
        return now - rule.argument_limit // _CHARACTERS_PER_TOKEN - 2 * _NOTE
    return 0


def _turns(packed: Fingerprint) -> list[int]:
    """How many assistant turns have begun up to each block, its own included."""
    turns, latest = [0], None
    for block in packed.prompt.blocks:
        begins = block.role == "assistant" and block.message != latest
        latest = block.message if begins else latest
        turns.append(turns[-1] + begins)
    return turns[1:]
