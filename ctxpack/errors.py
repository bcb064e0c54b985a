"""The exception tree: every error that ctxpack raises on purpose derives from CtxpackError."""


class CtxpackError(Exception):
    """Base of every error that ctxpack raises on purpose."""


class VocabularyError(CtxpackError):
    """A vocabulary file is damaged, missing or not the one expected; names the file and the reason."""


class UnknownEncodingError(CtxpackError, LookupError):
    """No encoding, bundled, added or of a package, and no file has that name; lists the names that there are."""


class UnknownModelError(CtxpackError, LookupError):
    """No dated data row (encoding, price or cache rule) covers that model."""


class BodyError(CtxpackError, ValueError):
    """A request body is not JSON, or lacks what its dialect requires; names the place, never the text."""


class DialectError(BodyError):
    """The wire format of a body is unknown, or the body does not fit the dialect it was said to be in."""


class UsageError(CtxpackError, ValueError):
    """A usage record lacks the counters that its dialect requires."""


class BudgetError(CtxpackError):
    """A prompt cannot be packed into its token budget.

    Attributes:
        needed: tokens of the smallest prompt that the policy can make.
        budget: tokens allowed.
        largest: where the largest block of that prompt stands in the body.
        largest_tokens: tokens of that block.
    """

    def __init__(self, needed: int, budget: int, largest: str, largest_tokens: int) -> None:
        super().__init__(
            f"the smallest prompt this policy can make has {needed} tokens, the budget is {budget}; "
            f"its largest block is {largest} with {largest_tokens}"
        )
        self.needed = needed
        self.budget = budget
        self.largest = largest
        self.largest_tokens = largest_tokens

    def __reduce__(self) -> tuple[type, tuple[int, int, str, int]]:
        """What it is made of, not its message: worker processes send their errors pickled."""
        return type(self), (self.needed, self.budget, self.largest, self.largest_tokens)


class PolicyError(CtxpackError, ValueError):
    """A policy does not exist, or a setting is of a wrong type or out of range."""


class StoreError(CtxpackError):
    """The store of originals cannot be read or written."""


class HandleError(StoreError, LookupError):
    """No original is stored under that handle."""


class ReaderError(CtxpackError):
    """A log file cannot be read at all (missing, unreadable, or of no known format)."""
