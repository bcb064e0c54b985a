"""The guarded step that every adapter shares: pack before sending, record after, never break a call."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from os import PathLike
from typing import TypedDict

from ctxpack.errors import BudgetError, StoreError, UnknownModelError, UsageError
from ctxpack.locks import lock_kept_from_forks
from ctxpack.middleware.resting import RestingOriginals
from ctxpack.packing import Calibration, Originals, Packed, Policy, Report, Session, Summarizer, Totals
from ctxpack.packing.originals import open_originals
from ctxpack.packing.policy import checked_budget
from ctxpack.packing.policy import policy as preset
from ctxpack.packing.settings import checked_price
from ctxpack.packing.summaries.summarizer import checked_summarizer, checked_timeout
from ctxpack.prompts.body import Body, model_of
from ctxpack.providers import Price

_log = logging.getLogger("ctxpack.middleware")

# Models that one client talks to at once; the one used longest ago leaves.
_SESSIONS = 64
# Seconds that a request is held up while another process writes to the store.
_TIMEOUT = 2.0
# Errors whose messages name models, counters, numbers and places, and never quote a prompt or an answer.
_SAYABLE = (UnknownModelError, BudgetError, StoreError, UsageError)
# Other endpoints that take prompts; paths may hold names, so that no other one is named.
_ENDPOINTS = ("/responses", "/completions", "/embeddings", "/count_tokens", "/batches")


@dataclass(frozen=True, slots=True)
class Sent:
    """A packed request on its way."""

    session: Session
    packed: Packed

    def record(self, usage: object) -> None:
        """Takes note of what it was billed; raises as Session.record."""
        self.session.record(self.packed, usage)


class Settings(TypedDict, total=False):
    """What an adapter hands to its Sessions, which say what each means."""

    store: str | PathLike[str] | Originals | None
    budget: int | None
    provider: str | None
    price: Price | None
    summarizer: Summarizer | None
    summarizer_timeout: float
    models: Mapping[str, str] | None


class Sessions:
    """One session for each model that a client talks to; conversations are kept apart inside it.

    Args:
        policy: "lossless", "balanced", "tight", or a Policy.
        store: where removed texts are kept: None for memory, a path for an SQLite file, a URL for a Redis server, or an
            Originals.
        budget: most tokens that a packed prompt may have; None for no limit. A prompt that cannot be made to fit is
            sent as it is.
        provider: as for Session.
        price: as for Session, of every model that the client talks to.
        summarizer: as for Session. It may send its request through the same client: that one is not packed.
        summarizer_timeout: as for Session.
        models: the model behind a name that requests use for it, such as a deployment's.

    Raises:
        PolicyError: as for Session, but of a model.
        StoreError: the store cannot be opened.
        UnknownModelError: a name in `models` stands for a model of which no encoding, price or cache rule is known.

    Thread-safety: safe.
    """

    def __init__(
        self,
        policy: str | Policy = "lossless",
        *,
        store: str | PathLike[str] | Originals | None = None,
        budget: int | None = None,
        provider: str | None = None,
        price: Price | None = None,
        summarizer: Summarizer | None = None,
        summarizer_timeout: float = 60.0,
        models: Mapping[str, str] | None = None,
    ) -> None:
        self._reasons: Counter[str] = Counter()
        self._totals: dict[str, Totals] = {}
        self._originals = RestingOriginals(open_originals(store, _TIMEOUT))
        self._make = partial(
            Session,
            policy=preset(policy),
            store=self._originals,
            budget=checked_budget(budget),
            provider=provider,
            price=checked_price(price),
            summarizer=checked_summarizer(summarizer),
            summarizer_timeout=checked_timeout(summarizer_timeout),
        )
        self._models = dict(models or {})
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = lock_kept_from_forks()
        self._counting = lock_kept_from_forks()  # its own: an event loop counts, too, while a thread makes a session
        for model in self._models:
            self.session(model)

    def __repr__(self) -> str:
        return f"<Sessions: {'; '.join(self._said()) or 'no requests'}>"

    @property
    def reasons(self) -> Counter[str]:
        """How often a request was left as it was, or a usage not recorded, by reason; a copy. Never prompt text."""
        with self._counting:
            return self._reasons.copy()

    @property
    def totals(self) -> dict[str, Totals]:
        """Sums over the requests that were packed and answered, those of all sessions, by currency; a copy."""
        with self._counting:
            return self._totals.copy()

    @property
    def calibrations(self) -> dict[str, Calibration]:
        """What was forecast and what was billed, by model; of the 64 models that were used last."""
        with self._lock:
            return {model: session.calibration for model, session in self._sessions.items()}

    def _said(self) -> Iterator[str]:
        for currency, total in self.totals.items():
            yield (
                f"{total.requests:,} packed, {total.tokens_before:,} -> {total.tokens_after:,} tokens, "
                f"{total.expected_before:.4f} -> {total.expected_after:.4f} {currency} expected"
            )
        for reason, count in self.reasons.items():
            yield f"{count:,} {reason}"

    def session(self, model: str) -> Session:
        """The session of a model, or of the one that a name stands for.

        Raises:
            UnknownModelError: no encoding, price or cache rule is known for it.
        """
        model = self._models.get(model, model)
        with self._lock:
            found = self._sessions.get(model)
            if found is None:
                found = self._make(model)
                self._sessions[model] = found
            self._sessions.move_to_end(model)
            if len(self._sessions) > _SESSIONS:
                self._sessions.popitem(last=False)
            return found

    def original(self, handle: str) -> str:
        """The text that a handle stands for, whatever session removed it.

        Raises:
            HandleError: nothing is stored under it.
            StoreError: the store cannot be read, or could not a moment ago.
        """
        return self._originals.get(handle)

    def pack(self, body: Body, dialect: str) -> Sent | None:
        """The packed request, or None where the body must go out as it is; the reason is counted. Never raises."""
        with self.guarded("not packed"):
            session = self.session(model_of(body))
            packed = session.pack(body, dialect=dialect)
            if not packed.report.reason:
                return Sent(session, packed)
            self.note(f"not packed: {packed.report.reason}")
        return None

    async def pack_async(self, body: Body, dialect: str) -> Sent | None:
        """The same for an event loop of asyncio or trio, which goes on meanwhile: it packs in a thread of its own."""
        from ctxpack.middleware.threads import in_thread

        with self.guarded("not packed"):
            return await in_thread(partial(self.pack, body, dialect))
        return None

    def pass_by(self, path: str) -> None:
        """Counts a request to an endpoint of which nothing is packed."""
        name = next((name for name in _ENDPOINTS if path.endswith(name)), "another endpoint")
        self.note(f"not packed: {name}")

    def answered(self, sent: Sent) -> Callable[[dict[str, object]], None]:
        """Adds a request to the totals; returns what takes note of the usage that its answer names. Never raises."""
        self._add(sent.packed.report)

        def record(usage: dict[str, object]) -> None:
            if not usage:
                self.note("usage not recorded: none was read")
                return
            with self.guarded("usage not recorded"):
                sent.record(usage)

        return record

    @contextmanager
    def guarded(self, what: str) -> Iterator[None]:
        """Inside it no error gets out; what failed, and how, is counted."""
        try:
            yield
        except Exception as error:
            self.note(f"{what}: {type(error).__name__}")
            if isinstance(error, _SAYABLE):
                _log.debug("%s", error)

    def _add(self, report: Report) -> None:
        with self._counting:
            total = self._totals.get(report.currency, Totals())
            self._totals[report.currency] = total.plus(
                report.tokens_before, report.tokens_after, report.expected_before, report.expected_after
            )

    def note(self, reason: str) -> None:
        """Counts why something was left as it was."""
        with self._counting:
            self._reasons[reason] += 1
        _log.debug(reason)
