"""Where it is measured: a PostgreSQL of its own, as durable as in production, and a workspace."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlmodel import Session

from ecomops import runtime
from ecomops.core.audit_log import new_signing_key
from ecomops.domains.connections.schemas import CreateConnection
from ecomops.domains.connections.service import create_connection
from ecomops.domains.identity.schemas import Register, Resolve
from ecomops.domains.identity.service import register, resolve
from ecomops.domains.jobs.lifecycle import claim
from ecomops.domains.jobs.schemas import Claim
from ecomops.domains.sync.schemas import Target
from ecomops.kit.context import Context
from ecomops.kit.ids import new_correlation_id, new_id
from ecomops.kit.logging import configure_logging
from ecomops.kit.settings import get_settings
from ecomops.local.databases import create_databases
from ecomops.local.migrations import migrate
from ecomops.local.ports import LOOPBACK
from ecomops.local.postgres import SUPERUSER, EmbeddedPostgres
from ecomops.models.jobs import Job

DATABASE = "bench"
STRIPE_KEY = {"api_key": SecretStr("sk_test_" + 24 * "4")}
PASSWORD = SecretStr("plum tractor violin 88")


@dataclass(frozen=True, slots=True)
class Place:
    """URLs of one migrated database: for the application, and for a superuser who sees all."""

    app_url: str
    admin_url: str

    def administer(self, *statements: str) -> None:
        """Run statements as the superuser, each in a transaction of its own."""
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            for statement in statements:
                admin.execute(statement.encode())

    def ask(self, query: str) -> object:
        """The row that ``query`` finds for the superuser, or its one value."""
        with psycopg.connect(self.admin_url) as admin:
            row = admin.execute(query.encode()).fetchone()
        return row[0] if row and len(row) == 1 else row


@contextmanager
def opened() -> Iterator[Place]:
    """A new server and database, gone afterwards; this process's runtime uses it meanwhile."""
    with tempfile.TemporaryDirectory(prefix="ecomops-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres", durable=True) as postgres:
            place = _migrated(postgres)
            configure_logging("bench", get_settings().log_level)
            runtime.start(get_settings())
            try:
                yield place
            finally:
                runtime.stop()


def _migrated(postgres: EmbeddedPostgres) -> Place:
    create_databases(postgres.admin_url, DATABASE, "owner-password", "app-password")
    app_url = postgres.url("ecomops_app", "app-password", DATABASE)
    os.environ.update(
        ECOMOPS_ENV="test",
        ECOMOPS_BASE_URL=f"http://{LOOPBACK}",
        DATABASE_URL=app_url,
        DATABASE_OWNER_URL=postgres.url("ecomops_owner", "owner-password", DATABASE),
        ECOMOPS_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
        ECOMOPS_SECRET_KEY=os.urandom(32).hex(),
        ECOMOPS_AUDIT_SIGNING_KEY=new_signing_key(),
        ECOMOPS_JOB_LEASE_SECONDS="3600",
        ECOMOPS_LOG_LEVEL="WARNING",
    )
    get_settings.cache_clear()
    migrate(get_settings())
    return Place(app_url, postgres.url(SUPERUSER, postgres.password, DATABASE))


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace, its admin and the admin's session."""

    ctx: Context
    token: SecretStr

    @property
    def tenant_id(self) -> UUID:
        return self.ctx.tenant


def anonymous() -> Context:
    return Context(new_correlation_id(), "cli")


def make_workspace(slug: str) -> Workspace:
    """Register a workspace, as a person would."""
    command = Register(
        organization_name=slug.title(),
        slug=slug,
        name="Ada Lind",
        email=f"{slug}@example.com",
        password=PASSWORD,
    )
    token = runtime.run(anonymous(), register, command).token
    return Workspace(runtime.run(anonymous(), resolve, Resolve(token)), token)


def connect_stripe(workspace: Workspace) -> Target:
    """A connection of the workspace, and a running job that may write its rows."""
    return connect(workspace, "stripe", STRIPE_KEY)


def connect(workspace: Workspace, provider: str, credentials: dict[str, SecretStr]) -> Target:
    """The same for any provider."""
    command = CreateConnection(provider, provider.title(), "sandbox", credentials)
    connection = runtime.run(workspace.ctx, create_connection, command)
    job_id = runtime.run(workspace.ctx, _add_job, connection.id)
    lease = runtime.run(workspace.ctx, claim, Claim(job_id))
    assert lease is not None, "a job that nobody else knows is free"
    return Target(connection.id, provider, lease)


def _add_job(session: Session, ctx: Context, connection_id: UUID) -> UUID:
    job = Job(
        tenant_id=ctx.tenant,
        id=new_id(),
        kind="sync",
        queue="sync",
        connection_id=connection_id,
        correlation_id=ctx.correlation_id,
        created_at=datetime.now(UTC),
    )
    session.add(job)
    session.flush()
    return job.id
