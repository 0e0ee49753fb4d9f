"""Pages, counts and sums of a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.tables.catalog import TABLES, TableSpec
from ecomops.domains.tables.filters import Filters, checked, filters_of
from ecomops.domains.tables.keyset import Order, Place
from ecomops.domains.tables.schemas import Count, CurrencySum, TablePage, TableQuery
from ecomops.domains.tables.statements import (
    Beside,
    PageShape,
    count_statement,
    order_of,
    page_statement,
    sum_statement,
)
from ecomops.kit.context import Context

COUNTED_TO = 10_000


def list_rows(session: Session, ctx: Context, command: TableQuery) -> TablePage:
    """One page. Raises NotFoundError, InvalidInputError."""
    require(ctx, "tables.view")
    return _page(session, checked(command), command, filters_of(session, command))


def count_rows(session: Session, ctx: Context, command: TableQuery) -> Count:
    """How many rows the filters let through, counted to 10,000."""
    require(ctx, "tables.view")
    checked(command)
    return _count(session, command, filters_of(session, command))


def read_table(session: Session, ctx: Context, command: TableQuery) -> tuple[TablePage, Count]:
    """A page and the count of all that its filters let through, both of one moment."""
    require(ctx, "tables.view")
    spec, filters = checked(command), filters_of(session, command)
    page = _page(session, spec, command, filters)
    return page, _count(session, command, filters)


def count_exactly(session: Session, ctx: Context, command: TableQuery) -> int:
    """How many rows the filters let through; reads all of them."""
    require(ctx, "tables.view")
    checked(command)
    filters = filters_of(session, command)
    statement = count_statement(command.table, filters.names, False)
    ((value,),) = _run(session, statement, filters.values)
    return int(value)


def sum_by_currency(session: Session, ctx: Context, command: TableQuery) -> tuple[CurrencySum, ...]:
    """What the filtered rows come to in each currency; reads all of them.

    Of payments, ``rows`` has all and ``amount`` those that moved money or still may.
    """
    require(ctx, "tables.view")
    checked(command)
    filters = filters_of(session, command)
    found = _run(session, sum_statement(command.table, filters.names), filters.values)
    return tuple(CurrencySum(currency, rows, int(amount)) for currency, rows, amount in found)


def table_counts(session: Session, ctx: Context, command: None) -> dict[str, Count]:
    """The count of each table."""
    require(ctx, "tables.view")
    return {name: count_rows(session, ctx, TableQuery(name)) for name in TABLES}


def _page(session: Session, spec: TableSpec, query: TableQuery, filters: Filters) -> TablePage:
    order = order_of(spec, query)
    place = Place.decoded(query.cursor, order.column) if query.cursor else None
    beside = Beside(place.value is not None, place.backwards) if place else None
    descending = query.sort_dir == "desc"
    shape = PageShape(spec.name, filters.names, query.sort_by, descending, beside)
    values = {**filters.values, "most_rows": query.page_size + 1}
    if place:
        values |= {"place": place.value, "place_id": place.row_id}
    found = _run(session, page_statement(shape), values)
    names = ("id", *(column.name for column in spec.columns))
    rows = [dict(zip(names, row, strict=True)) for row in found]
    return _cut(rows, query.page_size, order, place)


def _cut(found: list[dict[str, Any]], size: int, order: Order, place: Place | None) -> TablePage:
    """The page, without the row that only tells that there are more."""
    more, rows = len(found) > size, found[:size]
    backwards = place is not None and place.backwards
    if backwards:
        rows.reverse()
    has_next = backwards or more
    has_previous = more if backwards else place is not None

    def beside(row: dict[str, Any], before: bool) -> str:
        return Place(row[order.column.name], row["id"], before).encoded()

    return TablePage(
        tuple(rows),
        beside(rows[-1], False) if rows and has_next else None,
        beside(rows[0], True) if rows and has_previous else None,
    )


def _count(session: Session, query: TableQuery, filters: Filters) -> Count:
    statement = count_statement(query.table, filters.names, True)
    ((value,),) = _run(session, statement, {**filters.values, "most_rows": COUNTED_TO + 1})
    return Count(min(value, COUNTED_TO), value > COUNTED_TO)


def _run(session: Session, statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    return session.connection().exec_driver_sql(statement, values).all()
