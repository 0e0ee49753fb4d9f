"""Events of the log as text, the one form that leaves, exports and deliveries are made from."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func
from sqlmodel import col

from ecomops.core.audit_log import FIELDS, Seal, event_leaf, private_hash
from ecomops.models.audit import AuditEvent, AuditSeal

UTC_TEXT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def utc_text(column: Any) -> ColumnElement[str]:
    """A time with microseconds and a Z."""
    return func.to_char(func.timezone("UTC", column), UTC_TEXT)


def _text(name: str) -> ColumnElement[Any]:
    column = col(getattr(AuditEvent, name))
    if name == "occurred_at":
        return utc_text(column).label(name)
    return cast(column, Text).label(name) if name.endswith("id") else column


EVENT_COLUMNS = [*map(_text, FIELDS)]
PRIVATE_COLUMNS = [
    cast(AuditEvent.salt, Text).label("salt"), col(AuditEvent.address), col(AuditEvent.payload),
]  # fmt: skip


def private_of(salt: str | None, address: str, payload: Any) -> bytes:
    """The hash of what may be removed later."""
    return private_hash(salt or "", address, payload)


def leaf_of(values: Any, private: bytes) -> bytes:
    """The leaf hash of the values of ``EVENT_COLUMNS``."""
    return event_leaf(dict(zip(FIELDS, values, strict=True)), private)


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
