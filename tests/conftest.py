"""A real PostgreSQL and Redis for each test process; everything runs as the app role."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import hypothesis
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine

from ecomops import runtime
from ecomops.core.audit_log import new_signing_key
from ecomops.domains.access.rules import permissions_of
from ecomops.domains.identity.schemas import Register, Resolve
from ecomops.domains.identity.service import register, resolve
from ecomops.kit.context import Context
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.settings import Settings, get_settings
from ecomops.local.databases import create_databases
from ecomops.local.migrations import migrate
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.redis_server import EmbeddedRedis
from tests.web import cookie, narrow_door, other_cookie, server, unwatched  # noqa: F401

PASSWORD = SecretStr("plum tractor violin 88")


# How fast a machine draws examples says nothing of the code. A change is judged by the examples
# of the change before; new ones are drawn by make torture.
hypothesis.settings.register_profile(
    "ours",
    deadline=None,
    derandomize=os.environ.get("ECOMOPS_TORTURE") != "full",
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("ours")


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[EmbeddedPostgres, EmbeddedRedis]]:
    """Both servers, empty, in a folder that goes away."""
    with (
        EmbeddedPostgres.temporary() as postgres,
        TemporaryDirectory(prefix="ecomops-redis-") as folder,
        EmbeddedRedis(Path(folder) / "home") as redis,
    ):
        yield postgres, redis


@pytest.fixture(scope="session")
def settings(servers: tuple[EmbeddedPostgres, EmbeddedRedis]) -> Settings:
    """The settings of this test process, on a migrated database."""
    postgres, redis = servers
    create_databases(postgres.admin_url, "ecomops", "owner-password", "app-password")
    os.environ.update(
        ECOMOPS_ENV="test",
        DATABASE_URL=postgres.url("ecomops_app", "app-password", "ecomops"),
        DATABASE_OWNER_URL=postgres.url("ecomops_owner", "owner-password", "ecomops"),
        REDIS_URL=redis.url,
        ECOMOPS_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
        ECOMOPS_SECRET_KEY=uuid4().hex * 2,
        ECOMOPS_AUDIT_SIGNING_KEY=new_signing_key(),
        ECOMOPS_ARGON2_MEMORY_KIB="8192",
        ECOMOPS_JOB_LEASE_SECONDS="3",
    )
    get_settings.cache_clear()
    migrate(get_settings())
    return get_settings()


@pytest.fixture(scope="session")
def runtime_started(settings: Settings) -> Iterator[None]:
    """This process's connection pool, as the app role."""
    runtime.start(settings)
    yield
    runtime.stop()


@pytest.fixture(scope="session")
def owner_engine(settings: Settings) -> Iterator[Engine]:
    """The owner of the tables, whom row-level security binds too."""
    url = settings.database_owner_url.get_secret_value()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def admin_engine(servers: tuple[EmbeddedPostgres, EmbeddedRedis], settings: Settings) -> Iterator[
    Engine
]:  # fmt: skip
    """A superuser: sees the rows of all tenants."""
    url = servers[0].url("postgres", servers[0].password, "ecomops")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    yield engine
    engine.dispose()


@dataclass(frozen=True)
class Workspace:
    """A new workspace; ``ctx`` is its admin."""

    slug: str
    ctx: Context
    token: SecretStr

    def as_role(self, role: str) -> Context:
        """Its admin, with the permissions of another role."""
        return replace(self.ctx, role=role, permissions=permissions_of(role))


def anonymous() -> Context:
    return Context(new_correlation_id(), "web", address="203.0.113.9")


def make_workspace() -> Workspace:
    """Register a workspace that no other test knows."""
    slug = f"w{uuid4().hex[:12]}"
    command = Register(
        organization_name="Nordwind Trading",
        slug=slug,
        name="Ada Lind",
        email=f"{slug}@example.com",
        password=PASSWORD,
    )
    signed_in = runtime.run(anonymous(), register, command)
    ctx = runtime.run(anonymous(), resolve, Resolve(signed_in.token))
    return Workspace(slug, replace(ctx, correlation_id=new_correlation_id()), signed_in.token)


@pytest.fixture
def workspace(runtime_started: None) -> Workspace:
    """A new workspace of its own."""
    return make_workspace()


@pytest.fixture
def other_workspace(runtime_started: None) -> Workspace:
    """Somebody else's workspace."""
    return make_workspace()
