"""Token buckets: so many at once, so many a second after that, for each of many names."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float


class Buckets:
    """One bucket for each name, full at first; of one process and one thread.

    ``burst`` may be taken at once; ``per_second`` come back. The ``most`` names that took last
    are remembered: who has not been here for ``burst / per_second`` seconds has a full bucket.
    """

    def __init__(
        self,
        burst: int,
        per_second: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        most: int = 50_000,
    ) -> None:
        self.burst, self.per_second = burst, per_second
        self._clock, self._most = clock, most
        self._levels: OrderedDict[Hashable, _Level] = OrderedDict()

    def take(self, name: Hashable) -> bool:
        """Take one token of this name's; False, and nothing taken, when there is none."""
        now = self._clock()
        level = self._levels.pop(name, None) or _Level(self.burst, now)
        level.tokens = min(self.burst, level.tokens + (now - level.at) * self.per_second)
        level.at = now
        enough = level.tokens >= 1
        if enough:
            level.tokens -= 1
        self._levels[name] = level
        while len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return enough
