"""The SELECTs of the explorer as text, made once for each shape of a query.

Making a statement costs SQLAlchemy more than running it costs the database. Queries that differ
only in their values are one statement, so its text is kept.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, func, literal_column, select, text
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects import postgresql

from ecomops.domains.tables.catalog import TableSpec, get_table
from ecomops.domains.tables.filters import Filters, conditions, plain
from ecomops.domains.tables.keyset import Order, Place
from ecomops.domains.tables.schemas import TableQuery
from ecomops.domains.tables.search import bound

KEPT = 1_000
"""Statements of each kind, a few kilobytes each."""

_DIALECT: Any = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # SQLAlchemy's
_MOVED_MONEY = {"payments": "status NOT IN ('failed', 'voided') AND kind <> 'authorization'"}
"""Which rows count in a sum, where not all do: an authorisation moves nothing, its capture does."""


class Beside(NamedTuple):
    """Next to which kind of row a page lies, and on which side of it."""

    has_value: bool
    backwards: bool


@dataclass(frozen=True, slots=True)
class PageShape:
    """A page but for its values: names of its filters; ``beside`` None is the first page."""

    table: str
    filters: tuple[str, ...]
    sort_by: str | None
    descending: bool
    beside: Beside | None


def order_of(spec: TableSpec, query: TableQuery) -> Order:
    """The query's order: newest first where it names none."""
    return _order(spec, query.sort_by, query.sort_dir == "desc")


def _order(spec: TableSpec, sort_by: str | None, descending: bool) -> Order:
    columns = spec.table.c
    if sort_by is None:
        return Order(columns.created_at, columns.id, descending=True)
    return Order(columns[sort_by], columns.id, descending)


@lru_cache(KEPT)
def page_statement(shape: PageShape) -> str:
    """A page: our id, then the table's columns.

    Its values are those of the filters, ``most_rows``, and ``place`` and ``place_id`` if it is
    beside a row.
    """
    spec, beside = get_table(shape.table), shape.beside
    columns = [plain(spec.table.c[column.name]) for column in spec.columns]
    order = _order(spec, shape.sort_by, shape.descending)
    rows = select(order.row_id, *columns).where(*conditions(spec, Filters(shape.filters)))
    if beside is not None:
        rows = rows.where(order.beyond(_bound_place(order, beside)))
    backwards = beside is not None and beside.backwards
    return _text(rows.order_by(*order.clauses(backwards=backwards)).limit(_most_rows()))


def _bound_place(order: Order, beside: Beside) -> Place:
    value = bound({}, "place", plain(order.column).type) if beside.has_value else None
    row_id: Any = bound({}, "place_id", SqlUuid)
    return Place(value, row_id, beside.backwards)


@lru_cache(KEPT)
def count_statement(table: str, filters: tuple[str, ...], capped: bool) -> str:
    """How many rows there are; ``capped``: of the first ``most_rows``."""
    spec = get_table(table)
    conditional = conditions(spec, Filters(filters))
    if not capped:
        return _text(select(func.count()).select_from(spec.table).where(*conditional))
    some: Select[Any] = select(literal_column("1")).select_from(spec.table).where(*conditional)
    return _text(select(func.count()).select_from(some.limit(_most_rows()).subquery()))


@lru_cache(KEPT)
def sum_statement(table: str, filters: tuple[str, ...]) -> str:
    """Currency, rows, and the sum of their amounts in units, by currency."""
    spec = get_table(table)
    currency = spec.table.c.currency
    amount: Any = func.sum(plain(spec.table.c.amount))
    if table in _MOVED_MONEY:
        amount = func.coalesce(amount.filter(text(_MOVED_MONEY[table])), literal_column("0"))
    sums = select(currency, func.count(), amount).where(*conditions(spec, Filters(filters)))
    return _text(sums.group_by(currency).order_by(currency))


def _most_rows() -> Any:
    return bound({}, "most_rows", Integer)


def _text(statement: Select[Any]) -> str:
    return str(statement.compile(dialect=_DIALECT))
