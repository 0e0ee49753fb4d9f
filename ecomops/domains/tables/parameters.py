"""An export as the query of an address, as in a table page's own: readable, and kept as text."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from ecomops.domains.tables.schemas import Export, Format, TableQuery
from ecomops.kit.errors import InvalidInputError

_LONGEST = 200  # characters of a number


def read_export(table: str, format_: Format, query: str) -> Export:
    """What the query of an address asks for; names that mean nothing here are passed over.

    ``status``, ``source`` and ``currency`` may be repeated. Raises InvalidInputError.
    """
    return export_of(table, format_, parse_qsl(query))


def export_of(table: str, format_: Format, given: Sequence[tuple[str, str]]) -> Export:
    """The same of names and values."""
    last = dict(given)
    query = TableQuery(
        table=table,
        status=_all(given, "status"),
        source=_all(given, "source"),
        currency=_all(given, "currency"),
        connection_id=_read(last, "connection", UUID, "an id"),
        date_from=_read(last, "from", date.fromisoformat, "a date like 2026-02-16"),
        date_to=_read(last, "to", date.fromisoformat, "a date like 2026-02-16"),
        amount_min=_read(last, "min", _amount, "an amount like 12.50"),
        amount_max=_read(last, "max", _amount, "an amount like 12.50"),
        search=last.get("q", "").strip(),
        arrives_from=_read(last, "arrives_from", date.fromisoformat, "a date like 2026-02-16"),
        arrives_to=_read(last, "arrives_to", date.fromisoformat, "a date like 2026-02-16"),
        ties=last.get("ties", ""),
        sort_by=last.get("sort") or None,
        sort_dir="asc" if last.get("dir") == "asc" else "desc",
    )
    columns = tuple(name for name in last.get("columns", "").split(",") if name)
    return Export(query, format_, columns, bom=last.get("bom") == "1")


def write_query(export: Export) -> str:
    """The query of an address that asks for ``export``."""
    query = export.query
    pairs: list[tuple[str, object]] = [
        *(("status", one) for one in query.status),
        *(("source", one) for one in query.source),
        *(("currency", one) for one in query.currency),
        ("connection", query.connection_id),
        ("from", query.date_from),
        ("to", query.date_to),
        ("min", query.amount_min),
        ("max", query.amount_max),
        ("q", query.search),
        ("arrives_from", query.arrives_from),
        ("arrives_to", query.arrives_to),
        ("ties", query.ties),
        ("sort", query.sort_by),
        ("dir", query.sort_dir if query.sort_by else None),
        ("columns", ",".join(export.columns)),
        ("bom", "1" if export.bom else None),
    ]
    return urlencode([(name, value) for name, value in pairs if value not in (None, "")])


def _all(given: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for key, value in given if key == name and value))


def _read(given: dict[str, str], name: str, convert: Any, kind: str) -> Any:
    value = given.get(name, "")
    try:
        return convert(value) if value else None
    except ValueError:
        raise InvalidInputError({name: f"{name} must be {kind}."}) from None


def _amount(value: str) -> Decimal:
    if len(value) > _LONGEST:
        raise ValueError("An amount is shorter.")
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise ValueError("No number.") from error
    if not amount.is_finite():
        raise ValueError("No amount.")
    return amount
