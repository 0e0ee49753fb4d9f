"""How many objects to ask for at once: as many as the cost of a query allows.

Follows "API limits" of the Admin API documentation: no query may ask for more than 1000 points,
and how many one asks for is told with each answer.
"""

from typing import Final

TARGET: Final = 500
"""Points: half of what is allowed, so that a page more or less of nested lists does no harm."""


class Portion:
    """The size of a page, ``most`` at most, learnt from what pages cost."""

    def __init__(self, first: int, most: int) -> None:
        self.size, self._most = first, most

    def learn(self, cost: int | None) -> None:
        """A page of this size asked for ``cost`` points. Twice as many at most are asked next."""
        if cost is not None and cost > 0:
            fitting = self.size * TARGET // cost
            self.size = max(1, min(fitting, 2 * self.size, self._most))

    def shrink(self) -> bool:
        """Ask for half as many; False where it is one already."""
        self.size, before = max(1, self.size // 2), self.size
        return self.size < before
