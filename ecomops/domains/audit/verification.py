"""Walking a workspace's whole log: is everything as it was sealed?

In pieces, each a unit of work of its own, so that a log of any length can be walked while people
work. The walk trusts the keys of the settings, and nothing that stands in the database.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlalchemy import text
from sqlmodel import Session, col, select

from ecomops.core.audit_log import GENESIS, PublicKeys, Seal, event_leaf
from ecomops.core.merkle import root
from ecomops.domains.access.rules import require
from ecomops.domains.audit.keys import trusted_keys
from ecomops.domains.audit.queries import seal_view
from ecomops.domains.audit.rows import (
    EVENT_COLUMNS,
    PRIVATE_COLUMNS,
    private_of,
    seal_of,
    streamed,
)
from ecomops.domains.audit.schemas import Finding, NotedSeal, Verification
from ecomops.kit.context import Context
from ecomops.models.audit import AuditEvent, AuditLeaf, AuditSeal

KINDS: Final = {
    "seal_missing": "A seal is missing.",
    "seal_changed": "This seal is not what was signed.",
    "signature": "This seal was not signed with a key of this installation.",
    "event_missing": "This event was removed.",
    "event_changed": "This event is not what was sealed.",
    "batch_changed": "Events of this batch were added, removed or put in another order.",
    "event_added": "This event was added without being sealed.",
    "payload_removed": "This event's payload was removed before its time.",
    "tail_missing": "The log ends before the seal that was noted.",
    "other_log": "The seal of this number is not the one that was noted.",
}
"""What can be wrong, and how it is told."""

PIECE_EVENTS, PIECE_SEALS = 20_000, 2_000
REMOVED = "audit_payloads_removed"


class _BrokenError(Exception):
    """Ends a walk."""

    def __init__(self, kind: str, batch: int | None = None, event_id: UUID | None = None) -> None:
        super().__init__(kind)
        self.finding = Finding(kind, KINDS[kind], batch, event_id)


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk has come; ``noted`` is a seal that the log must hold.

    ``youngest`` is the youngest event without its payload. ``over``: nothing is left to walk.
    """

    noted: NotedSeal | None = None
    number: int = 0
    total: int = 0
    hash: bytes = GENESIS
    payloads_removed: int = 0
    youngest: tuple[str, int, UUID] | None = None
    finding: Finding | None = None
    over: bool = False


def walk_on(session: Session, ctx: Context, command: Walk) -> Walk:
    """The next seals and their events. Raises ConflictError without a signing key."""
    require(ctx, "audit.view")
    try:
        return _walk(session, ctx, command)
    except _BrokenError as broken:
        return replace(command, finding=broken.finding, over=True)


def conclude(session: Session, ctx: Context, command: Walk) -> Verification:
    """What a walk that is over has found, and what only shows at its end."""
    require(ctx, "audit.view")
    finding = command.finding
    try:
        if finding is None:
            _check_end(session, command)
    except _BrokenError as broken:
        finding = broken.finding
    query = select(AuditSeal).order_by(col(AuditSeal.number).desc()).limit(1)
    last = session.exec(query).first()
    return Verification(
        events=command.total,
        seals=command.number,
        unsealed=session.scalar(_UNSEALED) or 0,
        payloads_removed=command.payloads_removed,
        finding=finding,
        latest=seal_view(last) if last else None,
    )


def verify_log(session: Session, ctx: Context, command: NotedSeal | None) -> Verification:
    """The whole walk in one unit of work: for logs that are walked in seconds."""
    require(ctx, "audit.view")
    walk = Walk(command)
    while not walk.over:
        walk = walk_on(session, ctx, walk)
    return conclude(session, ctx, walk)


def _walk(session: Session, ctx: Context, walk: Walk) -> Walk:
    keys, seals = trusted_keys(), _next_seals(session, walk)
    if not seals:
        return replace(walk, over=True)
    span = col(AuditLeaf.batch).between(seals[0].number, seals[-1].number)
    with closing(streamed(session, _PLACED.where(span))) as placed:
        batches = _batches(placed)
        for row in seals:
            seal = seal_of(row)
            _check_seal(walk, seal, row.hash, keys, str(ctx.tenant))
            walk = _check_batch(walk, seal, next(batches, []))
            walk = replace(walk, number=seal.number, total=seal.total, hash=seal.hash)
    return walk


def _next_seals(session: Session, walk: Walk) -> list[AuditSeal]:
    query = select(AuditSeal).where(AuditSeal.number > walk.number)
    found = session.exec(query.order_by(col(AuditSeal.number)).limit(PIECE_SEALS)).all()
    taken: list[AuditSeal] = []
    events = 0
    for row in found:
        events += row.count
        if taken and events > PIECE_EVENTS:
            break
        taken.append(row)
    return taken


_PLACE: list[Any] = [
    AuditLeaf.batch, AuditLeaf.position, AuditLeaf.leaf_hash, AuditLeaf.private_hash, AuditLeaf.id,
]  # fmt: skip
_PLACED = (
    select_columns(*_PLACE, *EVENT_COLUMNS, *PRIVATE_COLUMNS)
    .join(AuditEvent, col(AuditEvent.id) == AuditLeaf.id, isouter=True)
    .order_by(col(AuditLeaf.batch), col(AuditLeaf.position))
)


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    return (list(group) for _, group in groupby(rows, key=lambda row: row[0]))


def _check_seal(walk: Walk, seal: Seal, stored: bytes, keys: PublicKeys, tenant: str) -> None:
    if seal.number != walk.number + 1:
        raise _BrokenError("seal_missing", walk.number + 1)
    if (seal.previous, seal.total) != (walk.hash, walk.total + seal.count) or seal.hash != stored:
        raise _BrokenError("seal_changed", seal.number)
    if seal.tenant_id != tenant or not keys.signed(seal):
        raise _BrokenError("signature", seal.number)
    noted = walk.noted
    if noted and noted.number == seal.number and noted.hash.lower() != seal.hash.hex():
        raise _BrokenError("other_log", seal.number)


def _check_batch(walk: Walk, seal: Seal, rows: list[Any]) -> Walk:
    """Rows of another batch, where this one's are gone, have another root."""
    for row in rows:
        walk = _check_event(walk, row)
    places = [row[1] for row in rows]
    if places != list(range(seal.count)) or root([row[2] for row in rows]) != seal.root:
        raise _BrokenError("batch_changed", seal.number)
    return walk


def _check_event(walk: Walk, row: Any) -> Walk:
    batch, _, leaf, private, event_id, *fields, salt, address, payload = row
    if fields[1] is None:
        raise _BrokenError("event_missing", batch, event_id)
    kept = (
        not (salt or address) if payload is None else private_of(salt, address, payload) == private
    )
    if not kept or event_leaf(fields, private) != leaf:
        raise _BrokenError("event_changed", batch, event_id)
    return walk if payload is not None else _without_payload(walk, fields[2], batch, event_id)


def _without_payload(walk: Walk, occurred_at: str, batch: int, event_id: UUID) -> Walk:
    youngest = (occurred_at, batch, event_id)
    if walk.youngest is not None:
        youngest = max(youngest, walk.youngest)
    return replace(walk, youngest=youngest, payloads_removed=walk.payloads_removed + 1)


_UNSEALED = text("SELECT count(*) FROM seal_queue q JOIN audit_events e ON e.id = q.event_id")
_LOOSE_LEAF = text(
    "SELECT min(l.batch) FROM audit_leaves l WHERE NOT EXISTS"
    " (SELECT FROM audit_seals s WHERE s.number = l.batch)"
)
_LOOSE_EVENT = text(
    "SELECT e.id FROM audit_events e WHERE NOT EXISTS"
    " (SELECT FROM audit_leaves l WHERE l.id = e.id) AND NOT EXISTS"
    " (SELECT FROM seal_queue q WHERE q.tenant_id = e.tenant_id AND q.event_id = e.id)"
    " ORDER BY e.id LIMIT 1"
)
_LOST_BEFORE_SEALING = text(
    "SELECT q.event_id FROM seal_queue q WHERE NOT EXISTS"
    " (SELECT FROM audit_events e WHERE e.id = q.event_id)"
    " AND q.tenant_id = nullif(current_setting('app.current_tenant_id', true), '')::uuid LIMIT 1"
)
_REMOVED_BEFORE = text(
    "SELECT max(payload ->> 'before') FROM audit_events WHERE action = :action"
    " AND category = 'config'"
)


def _check_end(session: Session, walk: Walk) -> None:
    """Each look is one statement, so that what is sealed meanwhile is no finding."""
    if (batch := session.scalar(_LOOSE_LEAF)) is not None:
        raise _BrokenError("seal_missing", batch)
    if (event_id := session.scalar(_LOOSE_EVENT)) is not None:
        raise _BrokenError("event_added", None, event_id)
    if (event_id := session.scalar(_LOST_BEFORE_SEALING)) is not None:
        raise _BrokenError("event_missing", None, event_id)
    if walk.noted is not None and walk.noted.number > walk.number:
        raise _BrokenError("tail_missing", walk.number)
    if walk.youngest is not None:
        occurred_at, batch, event_id = walk.youngest
        before = session.scalar(_REMOVED_BEFORE, {"action": REMOVED})
        if before is None or datetime.fromisoformat(occurred_at) >= datetime.fromisoformat(before):
            raise _BrokenError("payload_removed", batch, event_id)
