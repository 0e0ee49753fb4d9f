"""A table's rows as CSV (RFC 4180), streamed by COPY: any size in little memory.

Columns are named as in the model. Amounts are plain decimals with their currency's places, times
are UTC. Text that a spreadsheet would take for a formula gets a leading apostrophe.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from psycopg import ClientCursor
from sqlalchemy import ColumnElement, Numeric, Select, and_, case, cast, func, literal_column
from sqlmodel import Session

from ecomops.core.money import EXPONENTS, SCALE
from ecomops.domains.access.rules import require
from ecomops.domains.audit.service import Event, record
from ecomops.domains.tables.catalog import Column, TableSpec
from ecomops.domains.tables.filters import checked, filtered, plain
from ecomops.domains.tables.schemas import TableQuery
from ecomops.domains.tables.statements import order_of
from ecomops.kit.context import Context

CHUNK = 256 * 1024
LONGEST_SECONDS = 1800
FORMULA_START = "^\\s*[-=+@\\t\\r＝＋－＠]"  # noqa: RUF001  # full-width forms count too


def begin_export(session: Session, ctx: Context, command: TableQuery) -> None:
    """Permission, validity, and an audit event before the first byte leaves."""
    require(ctx, "exports.csv")
    checked(command)
    record(session, ctx, _event("table_export_started", command))


def export_csv(session: Session, ctx: Context, command: TableQuery) -> Iterator[bytes]:
    """The CSV file in chunks, audited with its row count and SHA-256 when it is whole."""
    require(ctx, "exports.csv")
    spec = checked(command)
    connection: Any = session.connection().connection.driver_connection
    connection.execute(f"SET LOCAL statement_timeout = '{LONGEST_SECONDS}s'")
    statement = copy_statement(session, spec, command)
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for chunk in _chunks(copy):
                digest.update(chunk)
                yield chunk
        rows = cursor.rowcount
    record(session, ctx, _event("table_exported", command, rows, digest.hexdigest()))


def _chunks(copy: Any) -> Iterator[bytes]:
    held = bytearray()
    for data in copy:
        held += data
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def copy_statement(session: Session, spec: TableSpec, query: TableQuery) -> str:
    """The COPY that writes ``query``'s rows."""
    columns = [_exported(spec, column).label(column.name) for column in spec.columns]
    rows = filtered(session, query, *columns)
    rows = rows.order_by(*order_of(spec, query).clauses(backwards=False))
    return f"COPY ({_literal(session, rows)}) TO STDOUT (FORMAT csv, HEADER)"


def _literal(session: Session, query: Select[Any]) -> str:
    compiled = query.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    connection: Any = session.connection().connection.driver_connection
    return ClientCursor(connection).mogrify(str(compiled), compiled.params)


def _exported(spec: TableSpec, column: Column) -> ColumnElement[Any]:
    source = spec.table.c[column.name]
    if column.kind == "money":
        return _amount(plain(source), spec.table.c[column.currency_of or "currency"])
    if column.kind in ("text", "id") and column.name != "source":
        return _guarded(source)
    return source


def _guarded(source: ColumnElement[str]) -> ColumnElement[str]:
    """The text, harmless to a spreadsheet."""
    # Most text begins with a letter: that is cheap to see, a regular expression is not.
    harmless = func.ascii(source).between(ord("A"), ord("~"))
    formula = source.regexp_match(FORMULA_START)
    return case((harmless, source), (formula, literal_column("''''").concat(source)), else_=source)


def _amount(units: ColumnElement[int], currency: ColumnElement[str]) -> ColumnElement[Any]:
    """Major units with the currency's places, more only where the amount needs them."""
    exact = cast(units, Numeric) / literal_column(f"{SCALE}.0000", Numeric)
    by_exponent = [(currency.in_(_currencies(places)), places) for places in (0, 3, 4)]
    places = case(*by_exponent, else_=2)
    rounded = func.round(exact, func.greatest(places, func.min_scale(exact)))
    # Whole cents are nearly all there is, and several times cheaper without the division.
    whole_cents = and_(units % 100 == 0, currency.not_in(_currencies(0, 3, 4)))
    return case((whole_cents, units // 100 * literal_column("0.01", Numeric)), else_=rounded)


def _currencies(*places: int) -> list[str]:
    return [code for code, exponent in EXPONENTS.items() if exponent in places]


def _event(action: str, query: TableQuery, rows: int | None = None, digest: str = "") -> Event:
    payload: dict[str, Any] = {
        "table": query.table,
        "format": "csv",
        "filters": {
            "status": list(query.status),
            "date_from": query.date_from.isoformat() if query.date_from else None,
            "date_to": query.date_to.isoformat() if query.date_to else None,
            "sort": f"{query.sort_by or 'created_at'} {query.sort_dir}",
        },
    }
    if rows is not None:
        payload |= {"row_count": rows, "sha256": digest}
    return Event("table", action, "table", query.table, payload=payload)
