"""Sealed events as the records of an exported file, each batch with its seal and its proof."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from ecomops.core.audit_file import FORMAT, seal_record
from ecomops.core.audit_log import FIELDS, Seal, key_id
from ecomops.core.merkle import proof
from ecomops.domains.audit.keys import signing_key
from ecomops.domains.audit.rows import EVENT_COLUMNS, PRIVATE_COLUMNS, seal_of
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of, literal_sql
from ecomops.kit.settings import get_settings
from ecomops.models.audit import AuditEvent, AuditLeaf, AuditSeal

BATCHES_AT_ONCE = 200
ROWS_AT_ONCE = 2_000
_LEAVES = text(
    "SELECT batch, array_agg(leaf_hash ORDER BY position) FROM audit_leaves"
    " WHERE batch BETWEEN :first AND :last AND batch = ANY(:batches) GROUP BY batch"
)
_PLACE: list[Any] = [AuditLeaf.batch, AuditLeaf.position, AuditLeaf.private_hash]
_Batch = tuple[int, list[Any]]


def placed() -> Select[Any]:
    """Sealed events in the order of the log: batch, position, private hash, then all the rest."""
    return (
        select_columns(*_PLACE, *EVENT_COLUMNS, *PRIVATE_COLUMNS)
        .select_from(AuditEvent)
        .join(AuditLeaf, col(AuditLeaf.id) == AuditEvent.id)
        .order_by(col(AuditLeaf.batch), col(AuditLeaf.position))
    )


def newest_seal(session: Session) -> Seal | None:
    """The last seal there is."""
    query = select(AuditSeal).order_by(col(AuditSeal.number).desc()).limit(1)
    row = session.exec(query).first()
    return seal_of(row) if row else None


def records(
    session: Session, ctx: Context, query: Select[Any], filters: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """A whole file: header, what ``query`` (a ``placed``) finds, end. Raises ConflictError."""
    latest = newest_seal(session)
    yield _header(ctx, filters)
    events = seals = 0
    if latest is not None:
        query = query.where(col(AuditLeaf.batch) <= latest.number)
        for record in _batches(session, query):
            seals += record["type"] == "seal"
            events += record["type"] == "event"
            yield record
    last = seal_record(latest) if latest else None
    yield {"type": "end", "events": events, "seals": seals, "latest": last}


def _header(ctx: Context, filters: dict[str, str]) -> dict[str, Any]:
    keys = (signing_key().public, *get_settings().audit_former_keys)
    return {
        "type": "header",
        "format": FORMAT,
        "workspace": str(ctx.tenant),
        "filters": filters,
        "public_keys": {key_id(key): key for key in keys},
    }


def _batches(session: Session, query: Select[Any]) -> Iterator[dict[str, Any]]:
    for some in _some(_streamed(session, query)):
        seals = _seals(session, [number for number, _ in some])
        leaves = _leaves(session, [number for number, _ in some])
        for number, rows in some:
            yield seal_record(seals[number], proof(leaves[number], [row[1] for row in rows]))
            yield from map(_event, rows)


def _streamed(session: Session, query: Select[Any]) -> Iterator[Any]:
    with driver_of(session).cursor(name="audit_events", binary=True) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(literal_sql(session, query).encode())
        yield from cursor


def _some(rows: Iterable[Any]) -> Iterator[list[_Batch]]:
    """Batches, a few at a time: what belongs to them is asked for together."""
    held: list[_Batch] = []
    for number, group in groupby(rows, key=lambda row: row[0]):
        held.append((number, list(group)))
        if len(held) == BATCHES_AT_ONCE or sum(len(rows) for _, rows in held) > ROWS_AT_ONCE:
            yield held
            held = []
    if held:
        yield held


def _seals(session: Session, numbers: list[int]) -> dict[int, Seal]:
    found = session.exec(select(AuditSeal).where(col(AuditSeal.number).in_(numbers)))
    return {row.number: seal_of(row) for row in found}


def _leaves(session: Session, numbers: list[int]) -> dict[int, list[bytes]]:
    span = {"first": min(numbers), "last": max(numbers), "batches": numbers}
    return dict(map(tuple, session.execute(_LEAVES, span)))


def _event(row: Any) -> dict[str, Any]:
    batch, position, private, *fields, salt, address, payload = row
    removed = payload is None
    return {
        "type": "event",
        "batch": batch,
        "position": position,
        **dict(zip(FIELDS, fields, strict=True)),
        "address": address,
        "payload": None if removed else json.loads(payload),
        "salt": salt,
        "private": private.hex() if removed else None,
    }
