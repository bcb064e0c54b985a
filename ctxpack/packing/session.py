"""Session: packs the requests of a conversation, and learns from what the provider bills."""

import logging
import time
from collections.abc import Mapping
from os import PathLike
from traceback import walk_tb
from typing import Any, NoReturn, overload

from ctxpack.caching import Forecast
from ctxpack.errors import CtxpackError, PolicyError, UsageError
from ctxpack.locks import lock_kept_from_forks
from ctxpack.packing.calibration import Calibration, billed_usage
from ctxpack.packing.originals import Originals, open_originals
from ctxpack.packing.packed import Packed, as_it_is, like
from ctxpack.packing.packer import Packer
from ctxpack.packing.policy import Policy, checked_budget
from ctxpack.packing.policy import policy as preset
from ctxpack.packing.report import Report
from ctxpack.packing.retrieval import Wanted, answered, asked, part_of
from ctxpack.packing.settings import checked_price, is_number, is_whole
from ctxpack.packing.summaries.summarizer import (
    Summarizer,
    SummaryWanted,
    ask,
    checked_summarizer,
    checked_timeout,
    is_asked,
)
from ctxpack.prefix import Fingerprint
from ctxpack.prompts import Body
from ctxpack.prompts.body import to_bytes
from ctxpack.providers import Price, cache_rules
from ctxpack.providers import price as published_price
from ctxpack.tokens import encoding_for

_log = logging.getLogger("ctxpack.packing")

# Share of the budget that one answer to a model may take, and tokens that it may have at least.
_ANSWER = 0.25
_LEAST_ANSWER = 100


class Session:
    """One conversation with one model: its frozen decisions, and its belief about the provider's cache.

    Subagents and retries may share it: histories that part are kept apart. Its decisions are in its store: another
    session with the same store, model and policy goes on where it stopped.

    Args:
        model: model that the requests go to; its encoding, prices and cache rules apply, also where a body names a
            deployment or no model.
        policy: "lossless", "balanced", "tight", or a Policy.
        store: where removed texts and decisions are kept: None for memory, a path for an SQLite file, a URL for a Redis
            server, or an Originals.
        budget: most tokens that a packed prompt may have; None for no limit. A policy with neither compaction
            nor summaries removes nothing for it.
        provider: seller whose prices apply, as `ctxpack.providers.prices` names it; by default the vendor.
        price: a price of your own, in place of the published one.
        summarizer: writes the summaries that the policy or the budget asks for, at a cost that is weighed; by default
            they are made mechanically. It is called outside the session's lock.
        summarizer_timeout: seconds that it may take.

    Attributes:
        model, budget: as given.
        policy: as an object.
        calibration: what was forecast against what was billed, over the recorded requests.

    Raises:
        UnknownModelError: no encoding, price or cache rule is known for the model; see docs/providers.md.
        PolicyError: the policy is unknown, the budget or the time-out not positive, the price no Price or negative, or
            the summarizer no function.
        StoreError: the store cannot be opened.

    Thread-safety: safe; calls wait for each other, and a fork of the process for them. Memory: O(hashes)
    beside the store and the last bodies, 32 MiB of text at most.
    """

    def __init__(
        self,
        model: str,
        policy: str | Policy = "lossless",
        *,
        store: str | PathLike[str] | Originals | None = None,
        budget: int | None = None,
        provider: str | None = None,
        price: Price | None = None,
        summarizer: Summarizer | None = None,
        summarizer_timeout: float = 60.0,
    ) -> None:
        encoding_for(model)
        self.model = model
        self.policy: Policy = preset(policy)
        self.budget: int | None = checked_budget(budget)
        self.calibration: Calibration = Calibration()
        prices, rules = checked_price(price) or published_price(model, provider), cache_rules(model)
        self._originals = open_originals(store)
        self._packer = Packer(model, self.policy, prices, rules, self._originals, budget, summarizer is not None)
        self._summarizer = checked_summarizer(summarizer)
        self._timeout = checked_timeout(summarizer_timeout)
        self._asking: set[bytes] = set()
        self._lock = lock_kept_from_forks()
        self._recording = lock_kept_from_forks()  # its own: an event loop records while a thread packs

    def __repr__(self) -> str:
        return f"<Session {self.model}, {self.policy.name}: {self.calibration.requests:,} requests recorded>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Session can be neither pickled nor copied: make another one with the same store")

    @overload
    def pack(
        self, body: Mapping[str, object], now: float | None = None, dialect: str | None = None
    ) -> Packed[dict[str, Any]]: ...
    @overload
    def pack(self, body: str, now: float | None = None, dialect: str | None = None) -> Packed[str]: ...
    @overload
    def pack(
        self, body: bytes | bytearray | memoryview, now: float | None = None, dialect: str | None = None
    ) -> Packed[bytes]: ...
    def pack(self, body: Body, now: float | None = None, dialect: str | None = None) -> Packed:
        """Packs the next request. The input is never changed.

        Args:
            body: the whole request body, as a mapping, str or bytes.
            now: time of sending in unix seconds; by default the clock's.
            dialect: as of `Prompt.parse`; to be given where the endpoint tells it, which a short body may not.

        Raises:
            BodyError: the body is not one of a known dialect, or not of the one given.
            BudgetError: it cannot be made to fit the session's budget.
            StoreError: an original could not be kept.
            PolicyError: the time is no finite number.

        Any other error inside leaves the body as it was, with the reason in the report and the place in a warning of
        the logger "ctxpack.packing". A call by a summarizer stays as it is, too: it is to hit the cache.
        Complexity: O(bytes) to compare with the last requests and to write, O(new bytes) for all else.
        """
        if now is not None and not is_number(now):
            raise PolicyError(f"now is a finite number of unix seconds, not {now!r}")
        data = to_bytes(body)
        if is_asked():
            return as_it_is(body, data, self._packer.unpacked("a summarizer's own request"))
        try:
            packed, ahead, report = self._packed(data, time.time() if now is None else now, dialect)
        except CtxpackError:
            raise
        except Exception as error:
            reason = f"internal error: {type(error).__name__}"
            _log.warning("not packed: %s at %s", reason, _place(error))
            return as_it_is(body, data, self._packer.unpacked(reason))
        written = packed.prompt.dump()
        return Packed(like(body, written), ahead, report, packed.prompt.dialect, written)

    def _packed(self, data: bytes, now: float, dialect: str | None) -> tuple[Fingerprint, Forecast, Report]:
        """Packs, and asks the summarizer in between where a summary is wanted.

        Whoever packs the same body meanwhile gets the mechanical summary.
        """
        summarizer = self._summarizer
        with self._lock:
            if summarizer is None or data in self._asking:
                return self._packer.pack(data, now, None, dialect)
            try:
                return self._packer.pack(data, now, "ask", dialect)
            except SummaryWanted as wanted:
                request = wanted.request
                self._asking.add(data)
        try:
            answer = ask(summarizer, request, self._timeout)
        finally:
            with self._lock:
                self._asking.discard(data)
        with self._lock:
            return self._packer.pack(data, now, answer, dialect)

    def record(self, packed: Packed, usage: object) -> Calibration:
        """Takes note of what the provider billed for a packed request.

        Later forecasts weigh hits and misses by it where a provider promises no hit; what is packed stays the same.

        Args:
            packed: what `pack` returned.
            usage: the response's own usage, as a mapping or an SDK object, or a Usage.

        Returns:
            The session's calibration with this request in it.

        Raises:
            UsageError: the usage lacks the counters of its dialect, or the request is no Packed.
        """
        if not isinstance(packed, Packed):
            raise UsageError(f"a packed request is what `pack` returned, not {type(packed).__name__}")
        if packed.forecast is None:
            return self.calibration
        billed = billed_usage(usage, packed.dialect)
        with self._recording:
            self.calibration = self.calibration.updated(packed.forecast.usage, billed, packed.report.tokens_after)
            self._packer.learn(self.calibration)
            return self.calibration

    def original(self, handle: str) -> str:
        """The text that a handle stands for, byte for byte.

        Raises:
            HandleError: nothing is stored under it.
            StoreError: the store cannot be read.
        """
        return self._originals.get(handle)

    def lines(
        self,
        handle: str,
        first: int = 1,
        last: int | None = None,
        pattern: str = "",
        columns: tuple[int, int | None] = (1, None),
    ) -> str:
        """Lines of the text that a handle stands for, each after its number and a tab.

        Args:
            handle: as in `original`.
            first: number of the first line: the printed one where most lines carry rising ones, else its place from 1.
            last: number of the last line; None for the text's last.
            pattern: only lines that contain it, in any case; * stands for any characters. Of lines of more than 2,000
                characters only what is within 200 characters of it, 20 times at most, after line:column.
            columns: first and last character of each line, counted from 1; None for the line's last.

        Raises: as `original`. Complexity: O(characters), whatever the pattern.
        """
        return part_of(self.original(handle), Wanted(first, last, pattern, *columns))

    def answer(self, arguments: Mapping[str, object] | str, tokens: int = 10_000) -> str:
        """What a call of the tool that `retrieval_tool` defines returns.

        Args:
            arguments: the call's, as a mapping, or as the JSON text that OpenAI's calls carry. With a handle alone the
                whole text is returned; where no line is as asked for, "no such lines", since an empty result tells a
                model nothing.
            tokens: most tokens of the answer; a quarter of the session's budget where that is less, but 100 at least.
                A longer one is cut, and one line more says how to ask for the rest.

        Raises:
            HandleError: nothing is stored under the handle, or the arguments do not fit the definition.
            StoreError: the store cannot be read.
            PolicyError: tokens is no whole number of at least 100.

        Complexity: O(characters of the original).
        """
        if not is_whole(tokens, _LEAST_ANSWER):
            raise PolicyError(f"tokens is a whole number of at least {_LEAST_ANSWER}, not {tokens!r}")
        handle, wanted = asked(arguments)
        most = tokens if self.budget is None else max(min(tokens, int(_ANSWER * self.budget)), _LEAST_ANSWER)
        return answered(self.original(handle), wanted, most, encoding_for(self.model))


def _place(error: Exception) -> str:
    """Module and line of ours in which an error arose. Its message is left out: that may quote the prompt."""
    frames = [(frame.f_globals.get("__name__", ""), line) for frame, line in walk_tb(error.__traceback__)]
    return "{}:{}".format(*[frame for frame in frames if frame[0].startswith("ctxpack.")][-1])
