from typing_extensions import Buffer

def offset(outer: Buffer, inner: Buffer) -> int:
    """Byte offset of `inner` in `outer`, where `inner` is a view of memory that `outer` owns.

    Raises:
        ValueError: `inner` is not such a view.

    Complexity: O(1). Thread-safety: safe; both buffers are held while they are compared.
    """
