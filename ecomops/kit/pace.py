"""So many at once, so many a second after that: when the next one may go."""

import time
from collections.abc import Callable
from threading import Lock


class Pace:
    """A token bucket that lends: who finds it empty is told how long to wait for a token.

    Kept as the moment at which the bucket is full again. Of one process, for all its threads.
    """

    def __init__(
        self, burst: int, per_second: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval = 1 / per_second
        self._slack = (burst - 1) / per_second
        self._clock = clock
        self._lock = Lock()
        self._full_at = clock()

    def reserve(self, patience: float) -> float | None:
        """Take a token; seconds to wait for it. None, and none taken, beyond ``patience``."""
        with self._lock:
            now = self._clock()
            full_at = max(now, self._full_at)
            wait = max(0.0, full_at - self._slack - now)
            if wait > patience:
                return None
            self._full_at = full_at + self._interval
            return wait
