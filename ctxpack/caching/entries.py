"""Entries: the prefixes that a provider's cache is believed to hold."""

import math
from collections import OrderedDict

# Entries kept per cache, some 20 MB. A prompt of an automatic prefix has one per block: this is more than a hundred
# long conversations that are alive at once.
LIMIT = 65_536


class Entries:
    """Prefix hashes with the time each one expires; those used least lately leave when there are too many.

    Memory: at most LIMIT hashes. Thread-safety: none; its owner locks.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def holds(self, prefix: bytes, now: float) -> bool:
        """Whether the prefix was written or read and has not expired. O(1)."""
        found = self._entries.get(prefix)
        return found is not None and now <= found[0]

    def write(self, prefix: bytes, now: float, ttl: float | None) -> None:
        """Starts an entry's clock (seconds); None never expires by itself. O(1)."""
        lifetime = math.inf if ttl is None else ttl
        self._entries[prefix] = (now + lifetime, lifetime)
        self._entries.move_to_end(prefix)
        if len(self._entries) > LIMIT:
            self._entries.popitem(last=False)

    def refresh(self, prefix: bytes, now: float) -> None:
        """Restarts the clock of an entry that has not expired, with the lifetime it was written with. O(1)."""
        found = self._entries.get(prefix)
        if found is not None and now <= found[0]:
            self.write(prefix, now, found[1])
