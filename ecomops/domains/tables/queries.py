"""Pages and counts of a table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, literal, select
from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.tables.catalog import TABLES, TableSpec
from ecomops.domains.tables.filters import checked, filtered, plain
from ecomops.domains.tables.keyset import Order, Place
from ecomops.domains.tables.schemas import Count, TablePage, TableQuery
from ecomops.kit.context import Context

COUNTED_TO = 10_000


def order_of(spec: TableSpec, query: TableQuery) -> Order:
    """The query's order: newest first where it names none."""
    columns = spec.table.c
    if query.sort_by is None:
        return Order(columns.created_at, columns.id, descending=True)
    return Order(columns[query.sort_by], columns.id, descending=query.sort_dir == "desc")


def list_rows(session: Session, ctx: Context, command: TableQuery) -> TablePage:
    """One page. Raises NotFoundError, InvalidInputError."""
    require(ctx, "tables.view")
    spec = checked(command)
    order = order_of(spec, command)
    place = Place.decoded(command.cursor, order.column) if command.cursor else None
    backwards = place is not None and place.backwards
    columns = [plain(spec.table.c[column.name]).label(column.name) for column in spec.columns]
    sort_key = plain(order.column).label("_sort")
    query = filtered(session, command, order.row_id.label("_id"), sort_key, *columns)
    if place is not None:
        query = query.where(order.beyond(place))
    query = query.order_by(*order.clauses(backwards=backwards)).limit(command.page_size + 1)
    found = session.execute(query).all()
    return _page(found, command.page_size, place)


def _page(found: Sequence[Row[*tuple[Any, ...]]], size: int, place: Place | None) -> TablePage:
    more, rows = len(found) > size, list(found[:size])
    backwards = place is not None and place.backwards
    if backwards:
        rows.reverse()
    has_next = backwards or more
    has_previous = more if backwards else place is not None
    return TablePage(
        tuple(dict(zip(row._fields[2:], row[2:], strict=True)) for row in rows),
        Place(rows[-1][1], rows[-1][0], False).encoded() if rows and has_next else None,
        Place(rows[0][1], rows[0][0], True).encoded() if rows and has_previous else None,
    )


def count_rows(session: Session, ctx: Context, command: TableQuery) -> Count:
    """How many rows the filters let through, counted to 10,000."""
    require(ctx, "tables.view")
    checked(command)
    return count_up_to(session, command, COUNTED_TO)


def count_up_to(session: Session, query: TableQuery, most: int) -> Count:
    """How many rows the filters let through, counted to ``most``."""
    some = filtered(session, query, literal(1)).limit(most + 1).subquery()
    value = session.scalar(select(func.count()).select_from(some)) or 0
    return Count(min(value, most), value > most)


def read_table(session: Session, ctx: Context, command: TableQuery) -> tuple[TablePage, Count]:
    """A page and the count of all that its filters let through, both of one moment."""
    require(ctx, "tables.view")
    return list_rows(session, ctx, command), count_rows(session, ctx, command)


def table_counts(session: Session, ctx: Context, command: None) -> dict[str, Count]:
    """The count of each table."""
    require(ctx, "tables.view")
    return {name: count_rows(session, ctx, TableQuery(name)) for name in TABLES}
