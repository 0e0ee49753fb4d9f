"""The SELECTs of the explorer, as text."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import func, literal_column, select

from ecomops.domains.tables.catalog import TableSpec, get_table
from ecomops.domains.tables.counted import COUNTED, OF_ONE_SYSTEM
from ecomops.domains.tables.filters import conditions
from ecomops.domains.tables.schemas import TableQuery
from ecomops.kit.keyset import Beside, Order, page_of
from ecomops.kit.statements import KEPT, Filters, count_of, plain, text_of


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
def page_statement(shape: PageShape) -> bytes:
    """A page: our id, then the table's columns."""
    spec = get_table(shape.table)
    columns = [plain(spec.table.c[column.name]) for column in spec.columns]
    order = _order(spec, shape.sort_by, shape.descending)
    rows = select(order.row_id, *columns).where(*conditions(spec, Filters(shape.filters)))
    return page_of(rows, order, shape.beside)


@lru_cache(KEPT)
def count_statement(table: str, filters: tuple[str, ...], capped: bool) -> bytes:
    """How many rows there are; ``capped``: of the first ``most_rows``."""
    spec = get_table(table)
    conditional = conditions(spec, Filters(filters))
    if capped:
        return count_of(spec.table, conditional)
    return text_of(select(func.count()).select_from(spec.table).where(*conditional))


@lru_cache(KEPT)
def sum_statement(table: str, filters: tuple[str, ...]) -> bytes:
    """Currency, rows, and what those of them that count come to in units, by currency."""
    spec = get_table(table)
    currency = spec.table.c.currency
    amount: Any = func.sum(plain(spec.table.c.amount))
    if counted := COUNTED.get(table):
        of_one_system = Filters(tuple(name for name in filters if name in OF_ONE_SYSTEM))
        counts = counted.counts(conditions(spec, of_one_system))
        amount = func.coalesce(amount.filter(counts), literal_column("0"))
    sums = select(currency, func.count(), amount).where(*conditions(spec, Filters(filters)))
    return text_of(sums.group_by(currency).order_by(currency))
