"""What one request may see: the world at an instant, through the scopes of a token."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ecomops.sandbox.wire.shopify.access import access_to
from ecomops.sandbox.wire.shopify.paging import Asked, Row, Source, page
from ecomops.sandbox.wire.shopify.search import Filter, Search, understand
from ecomops.sandbox.world.calendar import SECONDS_A_DAY
from ecomops.sandbox.world.model import Ref
from ecomops.sandbox.world.shop.ledger import ShopLedger
from ecomops.sandbox.world.shop.model import ShopOrder

Json = dict[str, Any]
RECENT_DAYS = 60
"""Orders older than this need a scope of their own."""

KEPT_PIECES = 8


@dataclass
class Pieces:
    """Sorted days that were made for one answer and may serve the next."""

    _kept: dict[tuple[object, ...], list[Row]] = field(default_factory=dict)

    def fetch(self, key: tuple[object, ...], make: Callable[[], list[Row]]) -> list[Row]:
        if key not in self._kept:
            while len(self._kept) >= KEPT_PIECES:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = make()
        return self._kept[key]


@dataclass
class View:
    shop: ShopLedger
    now: int
    scopes: frozenset[str]
    pieces: Pieces
    address: str
    """Where the shop is served, up to its domain: ``http://…/shopify/{shop}``."""
    facts: Json
    charge_name: Callable[[Ref], str]
    """Stripe's id of a charge."""
    bulk: Any = None
    unlimited: bool = False
    """Bulk operations take connections whole."""
    warnings: list[Json] = field(default_factory=list)

    @property
    def oldest_order(self) -> int:
        """Orders placed before this instant are hidden."""
        if "read_all_orders" in self.scopes:
            return 0
        return self.now - RECENT_DAYS * SECONDS_A_DAY

    def require(self, name: str) -> None:
        """Raises ShopifyError where the token lacks the access that a field asks for."""
        access_to(name, self.scopes)

    def sees(self, order: ShopOrder | None) -> ShopOrder | None:
        """The order, if it is there and may be seen."""
        if order is None or not self.oldest_order <= order.created < self.now:
            return None
        return order

    def connect(
        self,
        name: str,
        arguments: Json,
        source: Source,
        filters: dict[str, Filter],
        sorted_by: str | None,
        keep: Callable[[Any], bool] = lambda record: True,
        bounds: tuple[int | None, int | None] = (None, None),
    ) -> Json:
        """The page of a connection that a query asks for.

        ``sorted_by`` names the filter on the value that the source is sorted by.
        """
        asked = Asked.of(name, arguments, self.unlimited)
        search = self.search(arguments.get("query"), filters, name)
        if sorted_by:
            bounds = _narrowed(bounds, search.bounds(sorted_by))
        return page(source, asked, lambda it: keep(it) and search.matches(it), bounds)

    def search(self, query: str | None, filters: dict[str, Filter], name: str = "") -> Search:
        """A query understood; with a field's name, what was ignored is told beside the answer."""
        found = understand(query, filters, self.now)
        if name:
            self._warn(name, query, found.warnings)
        return found

    def bulk_operation(self, id: str) -> Any:
        """The bulk operation of an id, if there is one."""
        return self.bulk.find(id) if self.bulk else None

    def _warn(self, name: str, query: str | None, warnings: list[Json]) -> None:
        if warnings:
            told = [{k: v for k, v in it.items() if k != "match_all"} for it in warnings]
            parsed = {it["field"]: it["match_all"] for it in warnings}
            self.warnings.append(
                {"path": [name], "query": query, "parsed": parsed, "warnings": told}
            )

    # sorted days

    def daily(
        self, sort: str, value: Callable[[Any], int], number: Callable[[Any], int],
        records: Callable[[int], Sequence[Any]],
    ) -> Source:  # fmt: skip
        """Records that are made by day, sorted by an instant of that day."""
        make = partial(self._piece, sort, value, number, records)
        return Source(sort, partial(self._days, make))

    def _days(
        self, make: Callable[[int], list[Row]], low: int | None, high: int | None, reverse: bool
    ) -> Iterator[list[Row]]:
        calendar = self.shop.calendar
        last = calendar.day_of(min(self.now - 1, self.now - 1 if high is None else high))
        first = 0 if low is None else max(0, calendar.day_of(low))
        days = range(first, last + 1)
        for day in reversed(days) if reverse else days:
            yield make(day)

    def _piece(
        self, sort: str, value: Callable[[Any], int], number: Callable[[Any], int],
        records: Callable[[int], Sequence[Any]], day: int,
    ) -> list[Row]:  # fmt: skip
        def make() -> list[Row]:
            rows = (Row(value(it), number(it), it) for it in records(day))
            seen = [row for row in rows if row.value < self.now]
            return sorted(seen, key=lambda row: row.place)

        return self.pieces.fetch((sort, self.now, day), make)


def _narrowed(
    one: tuple[int | None, int | None], other: tuple[int | None, int | None]
) -> tuple[int | None, int | None]:
    starts = [it for it in (one[0], other[0]) if it is not None]
    ends = [it for it in (one[1], other[1]) if it is not None]
    return max(starts, default=None), min(ends, default=None)
