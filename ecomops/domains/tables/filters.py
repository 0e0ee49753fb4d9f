"""From a TableQuery to the rows it means: conditions and order."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, select, type_coerce
from sqlmodel import Session
from sqlmodel import select as select_model

from ecomops.domains.tables.catalog import TableSpec, get_table
from ecomops.domains.tables.schemas import TableQuery
from ecomops.kit.errors import InvalidInputError
from ecomops.models.identity import TenantConfig
from ecomops.models.money import Money

LARGEST_PAGE = 500
FIRST_DAY, LAST_DAY = date.min + timedelta(days=1), date.max - timedelta(days=2)


def checked(query: TableQuery) -> TableSpec:
    """The query's table. Raises NotFoundError, InvalidInputError."""
    spec = get_table(query.table)
    wrong = {}
    if query.sort_by is not None and spec.column(query.sort_by) is None:
        wrong["sort"] = f"{spec.label} cannot be sorted by '{query.sort_by}'."
    if unknown := [status for status in query.status if status not in spec.statuses]:
        wrong["status"] = f"{spec.label} have no status '{unknown[0]}'."
    if query.date_from and query.date_to and query.date_from > query.date_to:
        wrong["date_from"] = "The first day must not be after the last."
    if query.sort_dir not in ("asc", "desc"):
        wrong["sort_dir"] = "Sort ascending (asc) or descending (desc)."
    if not 1 <= query.page_size <= LARGEST_PAGE:
        wrong["page_size"] = f"A page has 1 to {LARGEST_PAGE} rows."
    if wrong:
        raise InvalidInputError(wrong)
    return spec


def filtered(session: Session, query: TableQuery, *columns: Any) -> Select[Any]:
    """``columns`` of the rows that the query's filters let through, in no order.

    Row-level security names the tenant; a second condition would only mislead the planner.
    """
    table = get_table(query.table).table
    conditions: list[ColumnElement[bool]] = []
    if query.status:
        conditions.append(table.c.status.in_(query.status))
    if query.date_from or query.date_to:
        conditions += _day_conditions(session, table.c.created_at, query)
    return select(*columns).select_from(table).where(*conditions)


def plain(column: Any) -> ColumnElement[Any]:
    """The column as it is stored: money as int units."""
    return type_coerce(column, BigInteger) if isinstance(column.type, Money) else column


def _day_conditions(
    session: Session, column: ColumnElement[datetime], query: TableQuery
) -> list[ColumnElement[bool]]:
    zone = zone_of(session)
    conditions = []
    # Nothing lies outside the days next to the calendar's ends, whose midnights may not exist.
    if query.date_from and query.date_from > FIRST_DAY:
        conditions.append(column >= _midnight(query.date_from, zone))
    if query.date_to and query.date_to < LAST_DAY:
        conditions.append(column < _midnight(query.date_to + timedelta(days=1), zone))
    return conditions


def zone_of(session: Session) -> ZoneInfo:
    """The workspace's time zone."""
    return ZoneInfo(session.exec(select_model(TenantConfig.timezone)).one())


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
