"""Texts that stores are tried with."""

import random

# Two texts whose hashes agree in the first 32 bits.
TWINS = ("text 48296", "text 65600")


def noise(number: int, size: int = 10_000) -> str:
    """Text that does not compress well."""
    return random.Random(number).randbytes(size // 2).hex()
