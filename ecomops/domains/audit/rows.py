"""Events of the log as text, the one form that leaves, exports and deliveries are made from."""

import json
from collections.abc import Generator
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func
from sqlmodel import Session, col

from ecomops.core.audit_log import FIELDS, Seal, private_hash
from ecomops.kit.database import driver_of, literal_sql
from ecomops.models.audit import AuditEvent, AuditSeal

ROWS_AT_ONCE = 500
UTC_TEXT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def utc_text(column: Any) -> ColumnElement[str]:
    """A time with microseconds and a Z."""
    return func.to_char(func.timezone("UTC", column), UTC_TEXT)


def _text(name: str) -> Any:
    column = col(getattr(AuditEvent, name))
    if name == "occurred_at":
        return utc_text(column).label(name)
    return cast(column, Text).label(name) if name.endswith("id") else column


EVENT_COLUMNS: list[Any] = [*map(_text, FIELDS)]
PRIVATE_COLUMNS: list[Any] = [
    cast(AuditEvent.salt, Text).label("salt"), col(AuditEvent.address),
    cast(AuditEvent.payload, Text).label("payload"),
]  # fmt: skip


def private_of(salt: str | None, address: str, payload: str) -> bytes:
    """The hash of what may be removed later."""
    return private_hash(salt or "", address, json.loads(payload))


def listed(session: Session, query: Any) -> list[Any]:
    """The rows of a query as plain tuples: whole logs are read through here."""
    with driver_of(session).cursor(binary=True) as cursor:
        return cursor.execute(literal_sql(session, query).encode()).fetchall()


def streamed(session: Session, query: Any) -> Generator[Any, None, None]:
    """The same while the database goes on; to be closed before anything else is asked."""
    with driver_of(session).cursor(binary=True) as cursor:
        yield from cursor.stream(literal_sql(session, query).encode(), size=ROWS_AT_ONCE)


def seal_of(row: AuditSeal) -> Seal:
    """A seal as it was signed."""
    return Seal(
        tenant_id=str(row.tenant_id),
        number=row.number,
        count=row.count,
        total=row.total,
        root=row.root,
        previous=row.previous,
        sealed_at=row.sealed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        key_id=row.key_id,
        signature=row.signature,
    )
