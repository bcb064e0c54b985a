from collections.abc import Iterable

from typing_extensions import Buffer

def locate(outer: Buffer, parts: Iterable[Buffer]) -> list[tuple[int, int]]:
    """Half-open byte ranges (start, stop) of `parts` in `outer`, where each is a view of memory that `outer` owns.

    Raises:
        ValueError: a part is not such a view.

    Complexity: O(parts). Thread-safety: safe; the buffers are held while they are compared.
    """
