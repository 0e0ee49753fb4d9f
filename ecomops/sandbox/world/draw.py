"""Deterministic chance: the same path always draws the same numbers, whatever was drawn before."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A small well of random bits that belongs to one thing in the world.

    ``Draw(seed, "order", day, index)`` gives the same numbers on every machine and in every
    order of asking, so any part of the world can be made without making the rest.
    """

    __slots__ = ("_bits",)

    def __init__(self, seed: int, *path: object) -> None:
        name = f"{seed}:" + ":".join(map(str, path))
        self._bits = int.from_bytes(blake2b(name.encode(), digest_size=64).digest())

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound - 1``."""
        self._bits, number = divmod(self._bits, bound)
        return number

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """One of ``choices``, each as likely as the others."""
        return choices[self.below(len(choices))]
