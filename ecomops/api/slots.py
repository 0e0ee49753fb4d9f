"""How many downloads run at once: each holds a database connection while its reader reads."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from ecomops.kit.errors import EcomopsError

MOST = 4
MOST_OF_A_WORKSPACE = 2


class TooManyDownloadsError(EcomopsError):
    """Others are still being read."""

    code = "too_many_downloads"
    status = 429

    def __init__(self) -> None:
        super().__init__("Other downloads are still running. Try again when one has finished.")


class Slots:
    """Counts the running downloads of this process, fewer than its pool has connections."""

    def __init__(self, most: int = MOST, most_of_a_workspace: int = MOST_OF_A_WORKSPACE) -> None:
        self._most, self._most_of_one = most, most_of_a_workspace
        self._running: Counter[UUID] = Counter()
        self._lock = Lock()

    def limited(self, tenant: UUID, rows: Iterator[bytes]) -> Iterator[bytes]:
        """``rows``, once there is room for them. Its first step raises TooManyDownloadsError."""
        with self._one(tenant):
            yield from rows

    @contextmanager
    def _one(self, tenant: UUID) -> Iterator[None]:
        with self._lock:
            if self._running.total() >= self._most or self._running[tenant] >= self._most_of_one:
                raise TooManyDownloadsError
            self._running[tenant] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[tenant] -= 1
                self._running += Counter()  # Forgets those who have none.


slots = Slots()
