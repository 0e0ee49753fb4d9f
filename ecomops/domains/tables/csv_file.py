"""A table's rows as CSV (RFC 4180), streamed by COPY: any size in little memory.

Columns are named as in the model. Amounts are plain decimals with their currency's places, times
are UTC. Text that a spreadsheet would take for a formula gets a leading apostrophe.
"""

from collections.abc import Iterator
from typing import Any

from psycopg import ClientCursor
from sqlalchemy import ColumnElement, Numeric, Select, and_, case, cast, func, literal_column
from sqlmodel import Session

from ecomops.core.money import EXPONENTS, SCALE
from ecomops.domains.tables.catalog import Column, TableSpec
from ecomops.domains.tables.filters import filtered
from ecomops.domains.tables.schemas import Piece, TableQuery
from ecomops.domains.tables.statements import order_of
from ecomops.kit.database import driver_of
from ecomops.kit.statements import plain

CHUNK = 256 * 1024
CR, LF = b"\r\n"
BOM = b"\xef\xbb\xbf"
BLANKS = "\\s\\u0001-\\u001f\\u00ad\\u200b-\\u200f\\u2060\\ufeff"
FORMULA_START = f"^[{BLANKS}]*[-=+@\\t\\r−＝＋－＠]"  # noqa: RUF001  # full-width forms count too


def write_csv(
    session: Session, spec: TableSpec, query: TableQuery, columns: tuple[Column, ...], *, bom: bool
) -> Iterator[Piece]:
    """The file, a large piece at a time."""
    held, rows = bytearray(BOM if bom else b""), -1  # the header is no row
    with (
        driver_of(session).cursor() as cursor,
        cursor.copy(copy_statement(session, spec, query, columns).encode()) as copy,
    ):
        for line in copy:  # PostgreSQL sends each row by itself, and ends it with a line feed
            held += line
            held[-1] = CR
            held.append(LF)
            rows += 1
            if len(held) >= CHUNK:
                yield Piece(bytes(held), rows)
                held.clear()
    yield Piece(bytes(held), rows)


def copy_statement(
    session: Session, spec: TableSpec, query: TableQuery, columns: tuple[Column, ...]
) -> str:
    """The COPY that writes ``query``'s rows."""
    exported = [_exported(spec, column).label(column.name) for column in columns]
    rows = filtered(session, query, *exported)
    rows = rows.order_by(*order_of(spec, query).clauses(backwards=False))
    return f"COPY ({_literal(session, rows)}) TO STDOUT (FORMAT csv, HEADER)"


def _literal(session: Session, query: Select[Any]) -> str:
    compiled = query.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    return ClientCursor(driver_of(session)).mogrify(str(compiled), compiled.params)


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
