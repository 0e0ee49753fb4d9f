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

Visit = Callable[[tuple[Any, ...]], None]

RUN = ("ecomops.runtime:run",)
STORE = "ecomops.domains.sync.store"
OPERATION = "ecomops.operations"


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after any of ``targets``; of ``runtime.run``, when it runs ``use_case``.

    ``passes``: how often a first sync of a small shop comes by; later ones do less often.
    """

    targets: tuple[str, ...]
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

_CLIENTS = tuple(
    f"ecomops.connectors.{name}.client:{method}"
    for name, method in (
        ("stripe", "StripeClient.list_page"),
        ("shopify", "ShopifyClient.read_list"),
        ("netsuite", "NetsuiteClient.rows"),
    )
)

POINTS = {
    CLAIMED: Point((f"{OPERATION}.run_job:Heartbeat",), after=False),
    BEFORE_FETCH: Point(_CLIENTS, after=False, passes=30),
    FETCHED: Point(_CLIENTS, passes=30),
    MERGED: Point((f"{STORE}:merge",), passes=12),
    ROWS: Point((f"{STORE}:store_records",), passes=20),
    CURSOR: Point((f"{STORE}:advance",), after=False, passes=20),
    CLOSED: Point(("ecomops.domains.sync.links:close_payout",), passes=3),
    PAGE: Point((f"{OPERATION}.sync_connection:store_page",), passes=20),
    COMMITTED: Point(RUN, use_case="store_page", passes=20),
    PHASE: Point(RUN, use_case="enter_phase", passes=6),
    LINKED: Point((f"{OPERATION}.sync_connection:link_late_parents",)),
    LINKS: Point(RUN, use_case="link_late_parents"),
    COMPLETING: Point((f"{OPERATION}.run_job:_completed",)),
    COMPLETED: Point(RUN, use_case="_completed"),
}  # fmt: skip


def strike(name: str, number: int, blow: Callable[[], None]) -> None:
    """Have ``blow`` fall in this process at the ``number``-th passing of a point."""
    point, passed = POINTS[name], count(1)

    def come_by(arguments: tuple[Any, ...]) -> None:
        if point.is_passed_by(arguments) and next(passed) == number:
            blow()

    for target in point.targets:
        _wrap(target, *((_nothing, come_by) if point.after else (come_by, _nothing)))


def _wrap(target: str, before: Visit, behind: Visit) -> None:
    """Have a function preceded and followed by these, which are told its arguments."""
    owner, attribute = _place(target)
    real = getattr(owner, attribute)

    @wraps(real)
    def struck(*arguments: Any, **named: Any) -> Any:
        before(arguments)
        result = real(*arguments, **named)
        behind(arguments)
        return result

    setattr(owner, attribute, struck)


def _nothing(arguments: tuple[Any, ...]) -> None:
    """Where nobody lies in wait."""


def _place(target: str) -> tuple[object, str]:
    """The module or class that holds the function, and its name there."""
    module, _, path = target.partition(":")
    holder, _, attribute = path.rpartition(".")
    return resolve_name(f"{module}:{holder}" if holder else module), attribute
