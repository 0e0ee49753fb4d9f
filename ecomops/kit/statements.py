"""SELECTs as text, made once for each shape of a query.

Making a statement costs SQLAlchemy more than running it costs the database, and so do its results.
Queries that differ only in their values are one statement: its text is kept, and goes to the
driver as it is. So a query's filters are names of conditions, and their values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    TypeDecorator,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from ecomops.kit.database import driver_of

KEPT = 1_000
"""Statements of each kind, a few kilobytes each."""

_DIALECT: Any = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # SQLAlchemy's has no types

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """The conditions that a query makes, by name, and their values."""

    names: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)


def bound(values: Values, name: str, kind: Any) -> BindParameter[Any]:
    """The value of that name, or where it comes in when there is none yet."""
    return bindparam(name, values.get(name), type_=kind)


def most_rows() -> BindParameter[Any]:
    """Where the value of that name comes in, which limits the rows."""
    return bound({}, "most_rows", Integer)


def plain(column: Any) -> ColumnElement[Any]:
    """The column as it is stored: money as int units."""
    kind = column.type
    return type_coerce(column, kind.impl_instance) if isinstance(kind, TypeDecorator) else column


def text_of(statement: Select[Any]) -> bytes:
    """The statement for the driver; its values are those of its ``bound`` names."""
    return str(statement.compile(dialect=_DIALECT)).encode()


def count_of(table: FromClause, conditions: Sequence[ColumnElement[bool]]) -> bytes:
    """How many rows meet the conditions, of the first ``most_rows``."""
    some: Select[Any] = select(literal_column("1")).select_from(table).where(*conditions)
    return text_of(select(func.count()).select_from(some.limit(most_rows()).subquery()))


def run(session: Session, statement: bytes, values: Values) -> list[tuple[Any, ...]]:
    """All rows, as the driver reads them."""
    return driver_of(session).execute(statement, values).fetchall()
