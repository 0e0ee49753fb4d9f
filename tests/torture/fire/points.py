"""Named points of a sync at which its worker can be struck, without a word about it in the product.

A point is a function of the product, before or after it runs; the process in which the sync runs
wraps that function once it has been forked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import count
from pkgutil import resolve_name
from typing import Any

RUN = "ecomops.runtime:run"
STORE = "ecomops.domains.sync.store"
OPERATION = "ecomops.operations"


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after ``target``; of ``runtime.run``, when it runs ``use_case``.

    ``passes``: how often a small sync comes by, at least.
    """

    target: str
    after: bool = True
    use_case: str = ""
    passes: int = 1

    def is_passed_by(self, arguments: tuple[Any, ...]) -> bool:
        return not self.use_case or arguments[1].__name__ == self.use_case


CLAIMED = "the claim, committed"
BEFORE_FETCH = "a page, not fetched"
FETCHED = "a page, fetched"
MERGED = "rows merged, nothing else"
ROWS = "rows stored, cursor not moved"
CURSOR = "cursor moved, fence not shown"
CLOSED = "a payout closed, not committed"
PAGE = "a page stored, not committed"
COMMITTED = "a page, committed"
PHASE = "a phase begun, committed"
LINKED = "links made, not committed"
LINKS = "links, committed"
COMPLETING = "completion, not committed"
COMPLETED = "completion, committed"
RANDOM = "any moment"

POINTS = {
    CLAIMED: Point(f"{OPERATION}.run_job:Heartbeat", after=False),
    BEFORE_FETCH: Point("ecomops.connectors.stripe.client:StripeClient.list_page", after=False,
                        passes=30),
    FETCHED: Point("ecomops.connectors.stripe.client:StripeClient.list_page", passes=30),
    MERGED: Point(f"{STORE}:merge", passes=12),
    ROWS: Point(f"{STORE}:store_records", passes=20),
    CURSOR: Point(f"{STORE}:advance", after=False, passes=20),
    CLOSED: Point("ecomops.domains.sync.links:close_payout", passes=6),
    PAGE: Point(f"{OPERATION}.sync_connection:store_page", passes=20),
    COMMITTED: Point(RUN, use_case="store_page", passes=20),
    PHASE: Point(RUN, use_case="enter_phase", passes=6),
    LINKED: Point(f"{OPERATION}.sync_connection:link_late_parents"),
    LINKS: Point(RUN, use_case="link_late_parents"),
    COMPLETING: Point(f"{OPERATION}.run_job:_completed"),
    COMPLETED: Point(RUN, use_case="_completed"),
}  # fmt: skip


def strike(name: str, number: int, blow: Callable[[], None]) -> None:
    """Have ``blow`` fall in this process at the ``number``-th passing of a point."""
    point, passed = POINTS[name], count(1)
    owner, attribute = _place(point.target)
    real = getattr(owner, attribute)

    def come_by(arguments: tuple[Any, ...]) -> None:
        if point.is_passed_by(arguments) and next(passed) == number:
            blow()

    @wraps(real)
    def struck(*arguments: Any, **named: Any) -> Any:
        if not point.after:
            come_by(arguments)
        result = real(*arguments, **named)
        if point.after:
            come_by(arguments)
        return result

    setattr(owner, attribute, struck)


def _place(target: str) -> tuple[object, str]:
    """The module or class that holds the function, and its name there."""
    module, _, path = target.partition(":")
    holder, _, attribute = path.rpartition(".")
    return resolve_name(f"{module}:{holder}" if holder else module), attribute
