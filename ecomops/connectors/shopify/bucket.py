"""Shopify's bucket of query points: waiting before a query instead of being refused after it.

Follows "API limits" of the Admin API documentation: a query is refused when the bucket holds less
than its requested cost; each answer tells what the bucket holds and how fast it fills.
"""

import time
from collections.abc import Callable
from decimal import Decimal
from threading import Lock
from typing import Any, Final

LONGEST_WAIT: Final = 60.0  # seconds; the slowest bucket is full before
USUAL_COST: Final = Decimal(100)
"""What a query is taken to cost that has not been asked yet, in points."""


class Bucket:
    """What is known of the bucket. ``clock`` counts seconds; several threads may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held = self._most = self._restored = Decimal(0)
        self._at = 0.0
        self._costs: dict[str, Decimal] = {}

    def wait_for(self, document: str) -> float:
        """Seconds until the bucket should hold what ``document`` cost when it was last asked."""
        with self._lock:
            cost = self._costs.get(document, USUAL_COST)
            if self._restored <= 0:
                return 0.0  # nothing has been told yet
            passed = Decimal(max(0, round((self._clock() - self._at) * 1000))) / 1000
            held = min(self._most, self._held + passed * self._restored)
            lacking = min(cost, self._most) - held
            return min(float(lacking / self._restored), LONGEST_WAIT) if lacking > 0 else 0.0

    def note(self, document: str, told: object) -> int | None:
        """Take in ``extensions.cost`` of an answer; the points that the query asked for."""
        cost = _object(told)
        bucket = _object(cost.get("throttleStatus"))
        requested, *state = (
            _number(it)
            for it in (
                cost.get("requestedQueryCost"),
                bucket.get("currentlyAvailable"),
                bucket.get("maximumAvailable"),
                bucket.get("restoreRate"),
            )
        )
        with self._lock:
            if requested is not None:
                self._costs[document] = requested
            if None not in state:
                self._held, self._most, self._restored = (it or Decimal(0) for it in state)
                self._at = self._clock()
        return None if requested is None else int(requested)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> Decimal | None:
    if type(value) is int or isinstance(value, Decimal):
        return Decimal(value)
    return None
