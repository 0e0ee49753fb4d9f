"""Sealing the log: what waits is put into a batch, chained to the one before, and signed.

An event waits in ``seal_queue`` from the transaction that wrote it until the one that seals it, so
none is lost however late it is committed, and none is sealed twice. Any number of sealers may run.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlalchemy import text
from sqlmodel import Session, col, select

from ecomops.core.audit_log import GENESIS, Seal, event_leaf
from ecomops.core.merkle import root
from ecomops.domains.audit.keys import signing_key
from ecomops.domains.audit.rows import EVENT_COLUMNS, PRIVATE_COLUMNS, listed, private_of
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of
from ecomops.kit.ids import new_id
from ecomops.models.audit import AuditEvent, AuditSeal, SealQueueEntry

LARGEST_BATCH = 1024
LOOKED_AT = 20_000
_TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 2))")
_WAITING = text(
    f"SELECT DISTINCT tenant_id FROM (SELECT tenant_id FROM seal_queue LIMIT {LOOKED_AT})"
)
_DONE = "DELETE FROM seal_queue WHERE tenant_id = %s AND event_id = ANY(%s)"
_LEAVES = (
    "INSERT INTO audit_leaves (tenant_id, id, batch, position, leaf_hash, private_hash)"
    " SELECT %s, id, %s, position - 1, leaf, private"
    " FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[])"
    " WITH ORDINALITY made (id, leaf, private, position)"
)  # fmt: skip


def list_unsealed(session: Session, ctx: Context, command: None) -> list[UUID]:
    """Workspaces with events that wait for a seal. Spans all tenants."""
    return list(session.scalars(_WAITING))


def seal_batch(session: Session, ctx: Context, command: None) -> int:
    """Seal what waits in the workspace, at most a batch; how many events.

    0 when nothing waits, or when somebody else is sealing here. Raises ConflictError without a key.
    """
    key = signing_key()
    if not session.scalar(_TURN, {"name": f"audit-seal:{ctx.tenant}"}):
        return 0
    rows = _waiting(session, ctx)
    if not rows:
        return 0
    made = [(row[0], *_hashes(row[1:])) for row in rows]
    last = session.exec(select(AuditSeal).order_by(col(AuditSeal.number).desc()).limit(1)).first()
    seal = Seal(
        tenant_id=str(ctx.tenant),
        number=last.number + 1 if last else 1,
        count=len(made),
        total=(last.total if last else 0) + len(made),
        root=root([leaf for _, leaf, _ in made]),
        previous=last.hash if last else GENESIS,
        sealed_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        key_id=key.id,
    )
    _keep(session, ctx, replace(seal, signature=key.sign(seal.content)), made)
    return len(made)


def _waiting(session: Session, ctx: Context) -> list[Any]:
    """Events with their ids first, oldest first: ids tell the time."""
    query = (
        select_columns(*[col(AuditEvent.id), *EVENT_COLUMNS, *PRIVATE_COLUMNS])
        .join(SealQueueEntry, col(SealQueueEntry.event_id) == AuditEvent.id)
        .where(col(SealQueueEntry.tenant_id) == ctx.tenant)
        .order_by(col(SealQueueEntry.event_id))
        .limit(LARGEST_BATCH)
    )
    return listed(session, query)


def _hashes(values: Any) -> tuple[bytes, bytes]:
    private = private_of(*values[-3:])
    return event_leaf(values[:-3], private), private


def _keep(
    session: Session, ctx: Context, seal: Seal, made: list[tuple[UUID, bytes, bytes]]
) -> None:
    row = AuditSeal(
        tenant_id=ctx.tenant,
        id=new_id(),
        number=seal.number,
        count=seal.count,
        total=seal.total,
        root=seal.root,
        previous=seal.previous,
        hash=seal.hash,
        signature=seal.signature,
        key_id=seal.key_id,
        sealed_at=datetime.fromisoformat(seal.sealed_at),
    )
    session.add(row)
    session.flush()
    ids, leaves, privates = (list(column) for column in zip(*made, strict=True))
    driver = driver_of(session)
    driver.execute(_LEAVES, [ctx.tenant, seal.number, ids, leaves, privates])
    driver.execute(_DONE, [ctx.tenant, ids])
