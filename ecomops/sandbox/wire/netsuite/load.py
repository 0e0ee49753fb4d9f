"""How much an account's licence lets happen at once, over all of its web services."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from ecomops.sandbox.wire.netsuite.errors import NetsuiteError

STANDARD_CONCURRENCY = 5
MOST_SECONDS = 60


class Load:
    """Counts requests under way; ``milliseconds`` is how long each takes at
    the least.

    Tells afterwards how many there were at most (``peak``) and how many were turned away
    (``refused``), since it was set.
    """

    def __init__(self) -> None:
        self._lock, self._under_way = Lock(), 0
        self.set()

    def set(self, concurrency: int = STANDARD_CONCURRENCY, milliseconds: int = 5) -> None:
        """Raises ValueError for what cannot be."""
        if not 1 <= concurrency <= 1000 or not 0 <= milliseconds <= MOST_SECONDS * 1000:
            raise ValueError(
                f"concurrency must be from 1 to 1000, milliseconds at most {MOST_SECONDS * 1000}."
            )
        self.concurrency, self.milliseconds = concurrency, milliseconds
        self._peak = self._refused = 0

    def state(self) -> dict[str, int]:
        return {
            "concurrency": self.concurrency,
            "milliseconds": self.milliseconds,
            "peak": self._peak,
            "refused": self._refused,
        }

    @contextmanager
    def request(self) -> Iterator[None]:
        """Raises NetsuiteError 429 where too many are under way."""
        with self._lock:
            if self._under_way >= self.concurrency:
                self._refused += 1
                raise self.exceeded()
            self._under_way += 1
            self._peak = max(self._peak, self._under_way)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def exceeded(self) -> NetsuiteError:
        detail = "Concurrent request limit exceeded. Request blocked."
        return NetsuiteError(429, "CONCURRENCY_LIMIT_EXCEEDED", detail)
