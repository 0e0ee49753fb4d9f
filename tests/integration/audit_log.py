"""Logs to be looked at, sealed and tampered with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlmodel import Session

from ecomops.domains.audit.schemas import Verification
from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.operations.audit_sealing import seal_all
from ecomops.operations.audit_verification import verify_log
from tests.conftest import Workspace, anonymous

_MANY = text(
    "INSERT INTO audit_events (tenant_id, id, category, action, actor, channel, resource_type,"
    " resource_id, status, correlation_id, address, payload, occurred_at)"
    " SELECT :tenant, uuidv7(), (ARRAY['job', 'auth', 'connection'])[n % 3 + 1],"
    " CASE WHEN n % 100 = 0 THEN 'connection_revoked' ELSE 'job_started' END,"
    " 'p' || n % 200 || '@example.com', 'web', CASE WHEN n % 150 = 0 THEN 'tenant' ELSE 'job' END,"
    " 'r_' || n / 4, CASE WHEN n % 200 = 0 THEN 'denied' ELSE 'success' END, 'c_' || n / 10,"
    " '203.0.113.' || n % 250, jsonb_build_object('rows', n, 'name', 'Zoë'),"
    " timestamptz '2026-01-01' + n * interval '9 min' FROM generate_series(1, :count) n"
)


def add_events(engine: Engine, workspace: Workspace, count: int) -> None:
    """So many events of a workspace, nine minutes apart since 1 January 2026."""
    with engine.begin() as database:
        database.execute(_MANY, {"tenant": workspace.ctx.tenant, "count": count})


def write(session: Session, ctx: Context, command: Event) -> None:
    """A use case that does nothing but leave an event."""
    record(session, ctx, command)


def sealed_log(engine: Engine, workspace: Workspace, *counts: int) -> None:
    """Batches of so many events each, after the one of the registration."""
    seal()
    for count in counts:
        add_events(engine, workspace, count)
        seal()


def seal() -> int:
    """Seal all that waits."""
    return seal_all(anonymous())


def verified(workspace: Workspace) -> Verification:
    return verify_log(workspace.ctx)


class Superuser:
    """Changes rows past every trigger, key and policy; ``:t`` is the workspace."""

    def __init__(self, engine: Engine, tenant: UUID) -> None:
        self._connection = engine.connect()
        self._tenant = tenant
        self._connection.execute(text("SET session_replication_role = replica"))
        self._connection.commit()

    def do(self, statement: str, **values: Any) -> int:
        """How many rows were changed."""
        given = {"t": self._tenant, **values} if ":t" in statement else values
        done = self._connection.execute(text(statement), given)
        self._connection.commit()
        return int(done.rowcount)

    def rows(self, query: str, **values: Any) -> list[Any]:
        given = {"t": self._tenant, **values}
        return [tuple(row) for row in self._connection.execute(text(query), given)]

    def close(self) -> None:
        self._connection.execute(text("SET session_replication_role = origin"))
        self._connection.commit()
        self._connection.close()
