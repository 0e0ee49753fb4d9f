"""From a TableQuery to the rows it means."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Select,
    String,
    any_,
    literal_column,
    select,
)
from sqlalchemy import Uuid as SqlUuid
from sqlmodel import Session

from ecomops.core.days import span
from ecomops.core.money import EXPONENTS, SCALE_DIGITS, AmountRangeError, from_decimal
from ecomops.domains.tables.catalog import TIES, TableSpec, get_table
from ecomops.domains.tables.schemas import TableQuery
from ecomops.domains.tables.search import (
    few_matches,
    in_ranges,
    problem_of,
    range_values,
)
from ecomops.kit.database import driver_of
from ecomops.kit.errors import InvalidInputError
from ecomops.kit.statements import Filters, Values, bound, plain
from ecomops.models.base import UTC_TIME
from ecomops.models.connections import PROVIDERS

LARGEST_PAGE = 500
_NOBODY = UUID(int=0)
JUDGED = "itemizable AND (contents_read_at IS NOT NULL OR status NOT IN ('failed', 'canceled'))"
"""Which payouts tie out or not, or will once their lines are read."""
_LINES = (
    "(SELECT coalesce(sum(line.net), 0) FROM payout_lines line"
    " WHERE line.payout_id = payouts.id AND line.currency = payouts.currency)"
)
_VERDICTS = {
    "tied": f"{JUDGED} AND contents_read_at IS NOT NULL AND payouts.amount = {_LINES}",
    "untied": f"{JUDGED} AND contents_read_at IS NOT NULL AND payouts.amount <> {_LINES}",
    "unread": f"{JUDGED} AND contents_read_at IS NULL",
}
"""By ``catalog.TIES``; a line in another currency than its payout's is in no sum."""
_TIME_ZONE = "SELECT timezone FROM tenant_configs"
_OF_PROVIDERS = "SELECT id FROM connections WHERE provider = ANY(%s)"


def checked(query: TableQuery) -> TableSpec:
    """The query's table. Raises NotFoundError, InvalidInputError."""
    spec = get_table(query.table)
    wrong = _wrong_words(spec, query) | _wrong_spans(query)
    if query.sort_by is not None and spec.column(query.sort_by) is None:
        wrong["sort"] = f"{spec.label} cannot be sorted by '{query.sort_by}'."
    if query.sort_dir not in ("asc", "desc"):
        wrong["sort_dir"] = "Sort ascending (asc) or descending (desc)."
    if not 1 <= query.page_size <= LARGEST_PAGE:
        wrong["page_size"] = f"A page has 1 to {LARGEST_PAGE} rows."
    if wrong:
        raise InvalidInputError(wrong)
    return spec


def _wrong_words(spec: TableSpec, query: TableQuery) -> dict[str, str]:
    wrong = {}
    if unknown := [status for status in query.status if status not in spec.statuses]:
        wrong["status"] = f"{spec.label} have no status '{unknown[0]}'."
    if unknown := [source for source in query.source if source not in PROVIDERS]:
        wrong["source"] = f"There is no source '{unknown[0]}'."
    if unknown := [code for code in query.currency if code not in EXPONENTS]:
        wrong["currency"] = f"There is no currency '{unknown[0]}'."
    if problem := problem_of(query.search.strip()):
        wrong["search"] = problem
    if query.ties and (query.ties not in TIES or not arrives(spec)):
        wrong["ties"] = f"{spec.label} cannot be filtered by '{query.ties}'."
    if (query.arrives_from or query.arrives_to) and not arrives(spec):
        wrong["arrives_from"] = f"{spec.label} have no day of arrival."
    return wrong


def arrives(spec: TableSpec) -> bool:
    """Whether the table is that of payouts, which arrive and tie out."""
    return spec.column("arrival_date") is not None


def _wrong_spans(query: TableQuery) -> dict[str, str]:
    given = {"amount_min": query.amount_min, "amount_max": query.amount_max}
    wrong = {name: problem for name, amount in given.items() if (problem := _problem_of(amount))}
    if not wrong and _reversed(query.amount_min, query.amount_max):
        wrong["amount_min"] = "The least amount must not be above the largest."
    if _reversed(query.date_from, query.date_to):
        wrong["date_from"] = "The first day must not be after the last."
    if _reversed(query.arrives_from, query.arrives_to):
        wrong["arrives_from"] = "The first day must not be after the last."
    return wrong


def _problem_of(amount: Decimal | None) -> str:
    try:
        from_decimal(amount or Decimal())
    except AmountRangeError:
        return f"Enter an amount with up to {SCALE_DIGITS} decimals and 14 digits before them."
    return ""


def _reversed(first: Any, last: Any) -> bool:
    return first is not None and last is not None and bool(first > last)


def filters_of(session: Session, query: TableQuery) -> Filters:
    """What the query's filters are for this workspace, at this moment."""
    values = _one_or_more("status", query.status) | _one_or_more("currency", query.currency)
    if query.source:
        values |= _one_or_more("source", _connections(session, query.source))
    if query.connection_id:
        values["connection"] = query.connection_id
    if query.date_from or query.date_to:
        values |= _days(session, query)
    if query.amount_min is not None:
        values["least"] = from_decimal(query.amount_min)
    if query.amount_max is not None:
        values["most"] = from_decimal(query.amount_max)
    if query.arrives_from:
        values["arrives_from"] = query.arrives_from
    if query.arrives_to:
        values["arrives_to"] = query.arrives_to
    if query.ties:
        values[query.ties] = True
    text = query.search.strip()
    if not text:
        return Filters(tuple(values), values)
    spec = get_table(query.table)
    matches = few_matches(session, spec, text)
    if matches is None:
        return Filters((*values, "ranges"), values | range_values(spec, text))
    return Filters((*values, "matches"), values | {"matches": matches})


def _one_or_more(name: str, chosen: Sequence[Any]) -> dict[str, Any]:
    """One is a condition of its own: its rows come out of an index in order, several do not."""
    if not chosen:
        return {}
    return {name: chosen[0]} if len(chosen) == 1 else {f"{name}_any": list(chosen)}


Condition = Callable[[TableSpec, Values], ColumnElement[bool]]


def _equal(name: str, column: str, kind: Any) -> dict[str, Condition]:
    """The conditions that ``_one_or_more`` names."""
    several = f"{name}_any"
    return {
        name: lambda spec, it: spec.table.c[column] == bound(it, name, kind),
        several: lambda spec, it: spec.table.c[column] == any_(bound(it, several, ARRAY(kind))),
    }


def _ties(name: str) -> Condition:
    return lambda _spec, _it: literal_column(f"({_VERDICTS[name]})", Boolean)


_CONDITIONS: dict[str, Condition] = {
    **_equal("status", "status", String),
    **_equal("currency", "currency", String),
    **_equal("source", "connection_id", SqlUuid),
    **_equal("connection", "connection_id", SqlUuid),
    "begin": lambda spec, it: spec.table.c.created_at >= bound(it, "begin", UTC_TIME),
    "end": lambda spec, it: spec.table.c.created_at < bound(it, "end", UTC_TIME),
    "least": lambda spec, it: plain(spec.table.c.amount) >= bound(it, "least", BigInteger),
    "most": lambda spec, it: plain(spec.table.c.amount) <= bound(it, "most", BigInteger),
    "arrives_from": lambda spec, it: spec.table.c.arrival_date >= bound(it, "arrives_from", Date),
    "arrives_to": lambda spec, it: spec.table.c.arrival_date <= bound(it, "arrives_to", Date),
    **{name: _ties(name) for name in _VERDICTS},
    "matches": lambda spec, it: spec.table.c.id == any_(bound(it, "matches", ARRAY(SqlUuid))),
    "ranges": in_ranges,
}


def conditions(spec: TableSpec, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of ``filters``, with its values where it has any.

    Row-level security names the tenant; a second condition would only mislead the planner.
    """
    return [_CONDITIONS[name](spec, filters.values) for name in filters.names]


def filtered(session: Session, query: TableQuery, *columns: Any) -> Select[Any]:
    """``columns`` of the rows that the query's filters let through, in no order."""
    spec = get_table(query.table)
    rows = select(*columns).select_from(spec.table)
    return rows.where(*conditions(spec, filters_of(session, query)))


def _connections(session: Session, sources: tuple[str, ...]) -> list[UUID]:
    """Those of the sources: a row's source is its connection's provider.

    At least one id, if only of none, so that a source without connections has no rows.
    """
    found = driver_of(session).execute(_OF_PROVIDERS, [list(sources)])
    return [connection_id for (connection_id,) in found] or [_NOBODY]


def _days(session: Session, query: TableQuery) -> dict[str, datetime]:
    begins, ends = span(query.date_from, query.date_to, zone_of(session))
    return {name: at for name, at in (("begin", begins), ("end", ends)) if at is not None}


def zone_of(session: Session) -> ZoneInfo:
    """The workspace's time zone."""
    ((name,),) = driver_of(session).execute(_TIME_ZONE)
    return ZoneInfo(name)
