"""Connections: pages of records in the order of a sort key, with cursors that belong to it."""

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from ecomops.sandbox.wire.shopify.errors import ShopifyError

Json = dict[str, Any]
LARGEST_PAGE = 250


class Row(NamedTuple):
    """A record at its place in a list: the value it is sorted by, its number."""

    value: int
    number: int
    record: Any

    @property
    def place(self) -> tuple[int, int]:
        return self.value, self.number


class Source(NamedTuple):
    """A sorted list that is made piece by piece.

    ``pieces(low, high, reverse)`` gives ascending lists of rows; together they hold at least
    all rows with a value in [low, high], in ascending (or, reversed, descending) order.
    """

    sort: str
    pieces: Callable[[int | None, int | None, bool], Iterator[Sequence[Row]]]


class Asked(NamedTuple):
    """The paging arguments of a connection."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    reverse: bool = False

    @classmethod
    def of(cls, field: str, arguments: Json, unlimited: bool) -> "Asked":
        """Reads arguments. Raises ShopifyError. ``unlimited``: bulk operations take all."""
        named = {name: arguments.get(name) for name in ("first", "after", "last", "before")}
        asked = cls(**named, reverse=bool(arguments.get("reverse")))
        if unlimited and asked.first is None and asked.last is None:
            return asked
        if (asked.first is None) == (asked.last is None):
            message = "you must provide one of first or last"
            if asked.first is not None:
                message = "providing both first and last is not supported"
            raise ShopifyError(message, "BAD_REQUEST", field=field)
        for name in ("first", "last"):
            size = named[name]
            if size is not None and not 0 <= size <= LARGEST_PAGE:
                raise ShopifyError(
                    f"{name} must be between 0 and {LARGEST_PAGE}, not {size}",
                    "ARGUMENT_LITERALS_INCOMPATIBLE",
                    field=field,
                )
        return asked


def page(
    source: Source,
    asked: Asked,
    keep: Callable[[Any], bool] = lambda record: True,
    bounds: tuple[int | None, int | None] = (None, None),
) -> Json:
    """A page as a connection. ``bounds`` are values [start, end) outside of which none matches."""
    backwards = asked.last is not None
    descending = asked.reverse != backwards
    ends = [_place(asked.after, source.sort), _place(asked.before, source.sort)]
    if asked.reverse:
        ends.reverse()
    size = asked.last if backwards else asked.first
    rows = _rows(source, ends, bounds, descending)
    matching = (row for row in rows if keep(row.record))
    found = list(matching if size is None else islice(matching, size + 1))
    more = size is not None and len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    before = asked.after is not None
    after = asked.before is not None
    return connection(
        found, source.sort, more if backwards else before, after if backwards else more
    )


def _rows(
    source: Source,
    ends: list[tuple[int, int] | None],
    bounds: tuple[int | None, int | None],
    descending: bool,
) -> Iterator[Row]:
    """Rows between two places, neither included, and within bounds."""
    low, high = ends
    start, end = bounds
    bottom = max((it for it in (low and low[0], start) if it is not None), default=None)
    top = min((it for it in (high and high[0], end and end - 1) if it is not None), default=None)
    for piece in source.pieces(bottom, top, descending):
        first = bisect_right(piece, low, key=lambda it: it.place) if low else 0
        last = bisect_left(piece, high, key=lambda it: it.place) if high else len(piece)
        inside = range(first, last)
        for number in reversed(inside) if descending else inside:
            row = piece[number]
            if (start is None or row.value >= start) and (end is None or row.value < end):
                yield row


def connection(rows: Sequence[Row], sort: str, before: bool, after: bool) -> Json:
    edges = [{"cursor": cursor(row, sort), "node": row.record} for row in rows]
    return {
        "nodes": [row.record for row in rows],
        "edges": edges,
        "pageInfo": {
            "hasNextPage": after,
            "hasPreviousPage": before,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def listed(records: Sequence[Any], asked: Asked) -> Json:
    """A short list at hand as a connection."""
    rows = [Row(number, number, record) for number, record in enumerate(records)]
    return page(Source("POSITION", lambda low, high, reverse: iter([rows])), asked)


def cursor(row: Row, sort: str) -> str:
    told = {"last_id": row.number, "last_value": row.value, "sort": sort}
    return base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()


def _place(text: str | None, sort: str) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        told = json.loads(base64.urlsafe_b64decode(text))
        place = int(told["last_value"]), int(told["last_id"])
        fits = told["sort"] == sort
    except (ValueError, KeyError, TypeError):
        fits, place = False, (0, 0)
    if not fits:
        raise ShopifyError("Invalid cursor for current pagination sort.", "BAD_REQUEST")
    return place
