"""Pages, counts and sums of a table."""

from operator import itemgetter

from sqlmodel import Session

from ecomops.domains.access.rules import require
from ecomops.domains.tables.catalog import TABLES, TableSpec
from ecomops.domains.tables.filters import checked, filters_of
from ecomops.domains.tables.schemas import Count, CurrencySum, TablePage, TableQuery
from ecomops.domains.tables.statements import (
    PageShape,
    count_statement,
    order_of,
    page_statement,
    sum_statement,
)
from ecomops.kit.context import Context
from ecomops.kit.keyset import Beside, Place, cut
from ecomops.kit.statements import Filters, run

COUNTED_TO = 10_000


def list_rows(session: Session, ctx: Context, command: TableQuery) -> TablePage:
    """One page. Raises NotFoundError, InvalidInputError."""
    require(ctx, "tables.view")
    return _page(session, checked(command), command, filters_of(session, command))


def count_rows(session: Session, ctx: Context, command: TableQuery) -> Count:
    """How many rows the filters let through, counted to 10,000."""
    require(ctx, "tables.view")
    checked(command)
    return count_up_to(session, command, COUNTED_TO)


def count_up_to(session: Session, query: TableQuery, most: int) -> Count:
    """How many rows the filters let through, counted to ``most``."""
    return _count(session, query, filters_of(session, query), most)


def read_table(session: Session, ctx: Context, command: TableQuery) -> tuple[TablePage, Count]:
    """A page and the count of all that its filters let through, both of one moment."""
    require(ctx, "tables.view")
    spec, filters = checked(command), filters_of(session, command)
    page = _page(session, spec, command, filters)
    return page, _count(session, command, filters, COUNTED_TO)


def count_exactly(session: Session, ctx: Context, command: TableQuery) -> int:
    """How many rows the filters let through; reads all of them."""
    require(ctx, "tables.view")
    checked(command)
    filters = filters_of(session, command)
    statement = count_statement(command.table, filters.names, False)
    ((value,),) = run(session, statement, filters.values)
    return int(value)


def sum_by_currency(session: Session, ctx: Context, command: TableQuery) -> tuple[CurrencySum, ...]:
    """What the filtered rows come to in each currency; reads all of them.

    ``rows`` has all of them, ``amount`` those that ``counted`` names.
    """
    require(ctx, "tables.view")
    checked(command)
    filters = filters_of(session, command)
    found = run(session, sum_statement(command.table, filters.names), filters.values)
    return tuple(CurrencySum(currency, rows, int(amount)) for currency, rows, amount in found)


def table_counts(session: Session, ctx: Context, command: None) -> dict[str, Count]:
    """The count of each table."""
    require(ctx, "tables.view")
    return {name: count_rows(session, ctx, TableQuery(name)) for name in TABLES}


def _page(session: Session, spec: TableSpec, query: TableQuery, filters: Filters) -> TablePage:
    order = order_of(spec, query)
    place = Place.decoded(query.cursor, order.column) if query.cursor else None
    descending = query.sort_dir == "desc"
    shape = PageShape(spec.name, filters.names, query.sort_by, descending, Beside.of(place))
    values = {**filters.values, **(place.values if place else {}), "most_rows": query.page_size + 1}
    page = cut(run(session, page_statement(shape), values), query.page_size, place)
    names = ("id", *(column.name for column in spec.columns))
    key = itemgetter(names.index(order.column.name), 0)
    rows = tuple(dict(zip(names, row, strict=True)) for row in page.rows)
    return TablePage(rows, *page.cursors(key))


def _count(session: Session, query: TableQuery, filters: Filters, most: int) -> Count:
    statement = count_statement(query.table, filters.names, True)
    ((value,),) = run(session, statement, {**filters.values, "most_rows": most + 1})
    return Count(min(value, most), value > most)
